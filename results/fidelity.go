package results

// Fidelity of a result. Different fidelities are never compared.
const (
	FidelityReal     = "real"     // a machine's own time: speed counts
	FidelityEmulated = "emulated" // an emulator's time: no speed may be concluded
	FidelityVirtual  = "virtual"  // a count of instructions: exact and repeatable, of scheduling only
	FidelityMixed    = "mixed"    // of a run whose trials differ
)

// FidelityOf returns what a run is: the fidelity that its ok trials share,
// FidelityMixed where they differ, and nothing where none is ok.
func FidelityOf(trials []Trial) string {
	known := ""
	for _, t := range trials {
		switch {
		case t.Verdict != OK, t.Fidelity == known:
		case known == "":
			known = t.Fidelity
		default:
			return FidelityMixed
		}
	}
	return known
}

// Facts that a VM zone gives of itself, in Trial.Facts behind the name of the
// zone and a dot. A name that has a FactAccel is that of a VM zone.
const (
	FactKernel = "kernel" // release, as the guest says
	FactHZ     = "hz"
	FactAccel  = "accel" // kvm or tcg
	FactClock  = "clock" // real or virtual
)
