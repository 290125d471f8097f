package kernel

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"
)

// install moves what was built into the cache, whole or not at all.
func (b *build) install() (Image, error) {
	fresh := filepath.Join(b.work(), "kernel")
	if err := os.Mkdir(fresh, 0o755); err != nil {
		return Image{}, err
	}
	for name, from := range map[string]string{
		imageFile:  filepath.Join(b.out(), "arch/x86/boot/bzImage"),
		configFile: filepath.Join(b.out(), ".config"),
		logFile:    b.log.Name(),
	} {
		if err := os.Rename(from, filepath.Join(fresh, name)); err != nil {
			return Image{}, err
		}
	}
	image, err := b.describe(fresh)
	if err != nil {
		return Image{}, err
	}
	dir := b.cache.entry(image.Hash)
	if err := os.RemoveAll(dir); err != nil { // what could not be read
		return Image{}, err
	}
	if err := os.Rename(fresh, dir); err != nil {
		return Image{}, err
	}
	_ = os.Remove(dir + ".log") // of an earlier failure
	return b.cache.read(image.Hash)
}

// describe writes the note about the kernel in a folder.
func (b *build) describe(dir string) (Image, error) {
	info, err := os.Stat(filepath.Join(dir, imageFile))
	if err != nil {
		return Image{}, err
	}
	config, err := os.Open(filepath.Join(dir, configFile))
	if err != nil {
		return Image{}, err
	}
	defer func() { _ = config.Close() }()
	facts, err := ReadConfig(config)
	if err != nil {
		return Image{}, err
	}
	image := Image{
		Hash: b.inputs.hash(), Name: b.spec.Name, Facts: facts, Built: time.Now().UTC().Truncate(time.Second),
		Took: time.Since(b.start).Round(time.Second).Seconds(), Size: info.Size(), Inputs: b.inputs,
	}
	text, err := json.MarshalIndent(image, "", "  ")
	if err != nil {
		return Image{}, err
	}
	return image, os.WriteFile(filepath.Join(dir, noteFile), append(text, '\n'), 0o644)
}
