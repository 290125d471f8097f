package kernel

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
)

// standIn is the Makefile of a tree that stands in for a kernel's: the same
// targets, the same files at the same places, and a build that takes no time.
// The real build is what "make test" does before the tests.
const standIn = `VERSION = 6
PATCHLEVEL = 12
SUBLEVEL = 0
EXTRAVERSION = -rc1

tinyconfig:
	@printf '# Linux/x86 6.12.0-rc1 Kernel Configuration\n' > $(O)/.config

olddefconfig:
	@sed -i /CONFIG_FORBIDDEN/d $(O)/.config

bzImage:
	@echo '  CC      kernel/sched/core.o'
	@echo '  CC      kernel/sched/fair.o'
	@echo built >> $(CURDIR)/../builds
	@mkdir -p $(O)/arch/x86/boot
	@cp $(O)/.config $(O)/arch/x86/boot/bzImage
`

// stand returns a cache of its own and a spec with a tree that builds by a
// Makefile.
func stand(t *testing.T, makefile string) (Cache, Spec) {
	t.Helper()
	var lack host.Missing
	if errors.As(unbuildable(""), &lack) {
		testneed.Met(t, lack)
	}
	tree := filepath.Join(t.TempDir(), "linux")
	require.NoError(t, os.Mkdir(tree, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(tree, "Makefile"), []byte(makefile), 0o600))
	return Cache{Dir: filepath.Join(t.TempDir(), "cache")}, Spec{Name: "mine", HZ: 300, Source: tree}
}

func quiet(Progress) {}

// builds counts how often the tree of s was built.
func builds(t *testing.T, s Spec) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.Source, "../builds"))
	if errors.Is(err, os.ErrNotExist) {
		return 0
	}
	require.NoError(t, err)
	return strings.Count(string(text), "built")
}

// onlyLeft wants nothing in the cache but what is named.
func onlyLeft(t *testing.T, c Cache, want ...string) {
	t.Helper()
	var got []string
	require.NoError(t, filepath.WalkDir(c.Dir, func(path string, d os.DirEntry, err error) error {
		if !d.IsDir() {
			name, _ := filepath.Rel(c.Dir, path)
			got = append(got, name)
		}
		return err
	}))
	assert.ElementsMatch(t, append(want, "lock"), got)
	assert.NoDirExists(t, filepath.Join(c.Dir, "work"))
}

func TestBuildIsFoundAfterwards(t *testing.T) {
	c, s := stand(t, standIn)
	_, err := c.Find(s)
	var lack host.Missing
	require.ErrorAs(t, err, &lack)
	assert.Equal(t, host.Missing{Key: "kernel:mine", What: "zone kernel mine is not built", Remedy: "czbench kernel build SCENARIO"}, lack)

	var seen []Progress
	built, err := c.Build(t.Context(), s, func(p Progress) { seen = append(seen, p) })
	require.NoError(t, err)
	last := seen[len(seen)-1]
	assert.Equal(t, "mine", last.Kernel)
	assert.Equal(t, 2, last.Files)
	assert.Equal(t, "kernel/sched/fair.o", last.File)
	assert.Equal(t, StageConfiguring, seen[0].Stage)

	assert.Equal(t, Facts{Version: "6.12.0-rc1", HZ: 300, Preempt: "full", PreemptDynamic: true, SchedExt: true, BTF: true, NoHZFull: true}, built.Facts)
	assert.Equal(t, "mine", built.Name)
	assert.Positive(t, built.Size)
	assert.Equal(t, s.Source, built.Inputs.Source)
	assert.Contains(t, built.Inputs.Content, "6.12.0-rc1, 1 files, newest ")
	assert.Contains(t, built.Inputs.Compiler, "gcc")
	dir := filepath.Join("kernels", built.Hash)
	onlyLeft(t, c, dir+"/bzImage", dir+"/config", dir+"/kernel.json", dir+"/build.log")

	found, err := c.Find(s)
	require.NoError(t, err)
	assert.Equal(t, built, found)
	again, err := c.Build(t.Context(), s, quiet)
	require.NoError(t, err)
	assert.Equal(t, built, again)
	assert.Equal(t, 1, builds(t, s), "what is in the cache is not built again")

	list, err := c.List()
	require.NoError(t, err)
	assert.Equal(t, []Image{built}, list)
}

func TestEveryInputCounts(t *testing.T) {
	c, s := stand(t, standIn)
	_, err := c.Build(t.Context(), s, quiet)
	require.NoError(t, err)
	for name, other := range map[string]Spec{
		"tick":   {Name: "mine", HZ: 100, Source: s.Source},
		"config": {Name: "mine", HZ: 300, Source: s.Source, Config: []string{"CONFIG_SWAP=y"}},
	} {
		_, err := c.Find(other)
		require.ErrorAs(t, err, new(host.Missing), name)
	}
	same := s
	same.Name, same.Preempt, same.Cmdline = "other", "none", []string{"quiet"}
	_, err = c.Find(same)
	require.NoError(t, err, "what is said at boot needs no build")

	require.NoError(t, os.WriteFile(filepath.Join(s.Source, "fair.c"), []byte("int x;\n"), 0o600))
	_, err = c.Find(s)
	require.ErrorAs(t, err, new(host.Missing), "the tree has changed")
}

func TestWithoutTheSourceTheOrderCounts(t *testing.T) {
	c, s := stand(t, standIn)
	built, err := c.Build(t.Context(), s, quiet)
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(s.Source))
	found, err := c.Find(s)
	require.NoError(t, err)
	assert.Equal(t, built.Hash, found.Hash)
	found, err = c.Build(t.Context(), s, quiet)
	require.NoError(t, err)
	assert.Equal(t, built.Hash, found.Hash)
	s.HZ = 100
	_, err = c.Find(s)
	require.ErrorAs(t, err, new(host.Missing))
	_, err = c.Build(t.Context(), s, quiet)
	assert.ErrorContains(t, err, "there is no kernel source at "+s.Source)
}

func TestFailedBuildLeavesItsLogAlone(t *testing.T) {
	c, s := stand(t, strings.Replace(standIn, "\t@mkdir",
		"\t@echo 'kernel/sched/fair.c:12:3: error: expected a semicolon' >&2; echo 'make[1]: *** [fair.o] Error 1' >&2; false\n\t@mkdir", 1))
	_, err := c.Build(t.Context(), s, quiet)
	require.ErrorContains(t, err, "build kernel mine: make bzImage: exit status 2: kernel/sched/fair.c:12:3: error: expected a semicolon; the log is ")
	logs, globErr := filepath.Glob(filepath.Join(c.Dir, "kernels/*.log"))
	require.NoError(t, globErr)
	require.Len(t, logs, 1)
	assert.Contains(t, err.Error(), logs[0])
	text, readErr := os.ReadFile(logs[0])
	require.NoError(t, readErr)
	assert.Contains(t, string(text), "  CC      kernel/sched/fair.o\n")
	assert.Contains(t, string(text), "expected a semicolon")
	onlyLeft(t, c, "kernels/"+filepath.Base(logs[0]))
	_, err = c.Find(s)
	require.ErrorAs(t, err, new(host.Missing))
	list, err := c.List()
	require.NoError(t, err)
	assert.Empty(t, list)
}

func TestLostLineIsNamed(t *testing.T) {
	c, s := stand(t, standIn)
	s.Config = []string{"CONFIG_SWAP=y", "CONFIG_FORBIDDEN=y"}
	_, err := c.Build(t.Context(), s, quiet)
	require.ErrorContains(t, err, "this kernel cannot have CONFIG_FORBIDDEN=y")
	assert.NotContains(t, err.Error(), "SWAP")
	assert.Zero(t, builds(t, s))
}

func TestInterruptedBuildLeavesNothing(t *testing.T) {
	c, s := stand(t, strings.Replace(standIn, "\t@mkdir", "\t@echo $$$$ > $(CURDIR)/../pid; exec sleep 300\n\t@mkdir", 1))
	ctx, cancel := context.WithCancel(t.Context())
	_, err := c.Build(ctx, s, func(p Progress) {
		if p.Files == 2 {
			waitForFile(t, filepath.Join(s.Source, "../pid"))
			cancel()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	onlyLeft(t, c)
	pid := strings.TrimSpace(string(waitForFile(t, filepath.Join(s.Source, "../pid"))))
	assert.Eventually(t, func() bool {
		_, err := os.Stat("/proc/" + pid + "/exe") // a zombie has none
		return err != nil
	}, 5*time.Second, 10*time.Millisecond, "the build still runs")
}

// waitForFile returns the content of a file once it has one.
func waitForFile(t *testing.T, path string) []byte {
	t.Helper()
	for range 500 {
		if text, err := os.ReadFile(path); err == nil && len(text) > 0 {
			return text
		}
		time.Sleep(10 * time.Millisecond)
	}
	require.Fail(t, "never written", path)
	return nil
}

func TestKilledBuildIsClearedAway(t *testing.T) {
	c, s := stand(t, standIn)
	half := filepath.Join(c.Dir, "work/out/vmlinux.o")
	require.NoError(t, os.MkdirAll(filepath.Dir(half), 0o755))
	require.NoError(t, os.WriteFile(half, []byte("half"), 0o600))
	_, err := c.Build(t.Context(), s, quiet)
	require.NoError(t, err)
	assert.NoDirExists(t, filepath.Join(c.Dir, "work"))
}

func TestTwoBuildersBuildOnce(t *testing.T) {
	c, s := stand(t, strings.Replace(standIn, "\t@mkdir", "\t@sleep 0.5\n\t@mkdir", 1))
	var group sync.WaitGroup
	var waited [2]bool
	var images [2]Image
	var errs [2]error
	for i := range images {
		group.Go(func() {
			images[i], errs[i] = c.Build(t.Context(), s, func(p Progress) { waited[i] = waited[i] || p.Stage == StageWaiting })
		})
	}
	group.Wait()
	require.NoError(t, errors.Join(errs[:]...))
	assert.Equal(t, images[0], images[1])
	assert.Equal(t, 1, builds(t, s))
	assert.NotEqual(t, waited[0], waited[1], "one builds, the other waits for it")
}

func TestWaitingForTheLockEndsWithTheContext(t *testing.T) {
	c, s := stand(t, standIn)
	unlock, err := c.lock(t.Context(), func() {})
	require.NoError(t, err)
	defer unlock()
	ctx, cancel := context.WithCancel(t.Context())
	_, err = c.Build(ctx, s, func(Progress) { cancel() })
	assert.ErrorIs(t, err, context.Canceled)
}

func TestArchiveIsUnpackedOnce(t *testing.T) {
	c, s := stand(t, standIn)
	archive := filepath.Join(t.TempDir(), "linux.tar.xz")
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	defer func() { _ = log.Close() }()
	pack := job{argv: []string{"tar", "-c", "-J", "-f", archive, "-C", filepath.Dir(s.Source), "linux"}, log: log, line: func(string) {}}
	require.NoError(t, pack.run(t.Context()))

	s.Source = archive
	stages := map[string]bool{}
	built, err := c.Build(t.Context(), s, func(p Progress) { stages[p.Stage] = true })
	require.NoError(t, err)
	assert.True(t, stages[StageUnpacking])
	assert.Equal(t, "linux.tar.xz", built.Inputs.Source)
	assert.Len(t, built.Inputs.Content, 64)

	clear(stages)
	s.HZ = 100
	_, err = c.Build(t.Context(), s, func(p Progress) { stages[p.Stage] = true })
	require.NoError(t, err)
	assert.False(t, stages[StageUnpacking], "the second kernel of a source needs no second unpacking")
}

func TestDigestIsRememberedForTheSameFile(t *testing.T) {
	c := Cache{Dir: t.TempDir()}
	path := filepath.Join(t.TempDir(), "linux.tar.xz")
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	digestOf := func(content string, at time.Time) string {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		require.NoError(t, os.Chtimes(path, at, at))
		src, err := c.identify(path)
		require.NoError(t, err)
		return src.content
	}
	first := digestOf("one", at)
	assert.Equal(t, first, digestOf("two", at), "same size and time: not read again")
	assert.NotEqual(t, first, digestOf("two", at.Add(time.Second)))
	assert.NotEqual(t, first, digestOf("three", at))
}

func TestTooLittleRoomIsSaidBefore(t *testing.T) {
	if os.Geteuid() != 0 {
		testneed.Met(t, host.Missing{Key: "root", What: "a small disk has to be mounted", Remedy: "run as root"})
	}
	c, s := stand(t, standIn)
	require.NoError(t, os.Mkdir(c.Dir, 0o755))
	require.NoError(t, unix.Mount("tmpfs", c.Dir, "tmpfs", 0, "size=64m"))
	defer func() { assert.NoError(t, unix.Unmount(c.Dir, 0)) }()
	_, err := c.Build(t.Context(), s, quiet)
	var lack host.Missing
	require.ErrorAs(t, err, &lack)
	assert.Equal(t, "disk", lack.Key)
	assert.Contains(t, lack.What, c.Dir+" has 0.1 GiB free and the build needs 1.")
	assert.Zero(t, builds(t, s))
}

func TestMissingToolsAreNamed(t *testing.T) {
	c, s := stand(t, standIn)
	t.Setenv("PATH", t.TempDir())
	_, err := c.Build(t.Context(), s, quiet)
	var lack host.Missing
	require.ErrorAs(t, err, &lack)
	assert.Contains(t, lack.Remedy, "apt-get install make gcc binutils flex bison")
}

func TestWithoutAFolderForTheCache(t *testing.T) {
	_, err := Cache{}.Find(Spec{Name: "x"})
	assert.ErrorContains(t, err, "set CZBENCH_CACHE or HOME")
}

func TestGivenImage(t *testing.T) {
	image := filepath.Join(t.TempDir(), "bzImage")
	_, err := Cache{}.Find(Spec{Name: "mine", Image: image})
	var lack host.Missing
	require.ErrorAs(t, err, &lack)
	assert.Equal(t, "kernel:mine", lack.Key)

	require.NoError(t, os.WriteFile(image, bzImage(zip(t, configured(t))), 0o600))
	found, err := Cache{}.Find(Spec{Name: "mine", Image: image})
	require.NoError(t, err)
	assert.Equal(t, image, found.Path)
	assert.Len(t, found.Hash, 16)
	assert.Equal(t, zoneFacts(), found.Facts)

	require.NoError(t, os.WriteFile(image, bzImage([]byte("\xfd7zXZ\x00")), 0o600))
	found, err = Cache{}.Find(Spec{Name: "mine", Image: image})
	require.NoError(t, err, "it is asked when it has booted")
	assert.Zero(t, found.Facts)

	require.NoError(t, os.WriteFile(image, []byte("text"), 0o600))
	_, err = Cache{}.Find(Spec{Name: "mine", Image: image})
	require.ErrorContains(t, err, "neither a bzImage nor an ELF file")
}

func TestDefaultCache(t *testing.T) {
	t.Setenv("CZBENCH_CACHE", "/lab/cache")
	assert.Equal(t, "/lab/cache", DefaultCache().Dir)
	t.Chdir("/")
	t.Setenv("CZBENCH_CACHE", "cache")
	assert.Equal(t, "/cache", DefaultCache().Dir)
	t.Setenv("CZBENCH_CACHE", "")
	t.Setenv("XDG_CACHE_HOME", "/home/lab/.cache")
	assert.Equal(t, "/home/lab/.cache/czbench", DefaultCache().Dir)
}
