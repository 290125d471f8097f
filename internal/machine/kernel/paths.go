package kernel

import "path/filepath"

// Rebase makes the relative paths of a kernel relative to dir, the folder of the
// file that declares it.
func (s *Spec) Rebase(dir string) {
	for _, path := range []*string{&s.Source, &s.Image} {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(dir, *path)
		}
	}
}
