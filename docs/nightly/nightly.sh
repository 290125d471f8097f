#!/bin/sh
# nightly.sh SCENARIO…: one night, for cron. docs/nightly.md says more.
#
# From the environment:
#   HISTORY  folder of the history, kept from night to night
#   SUSPECT  variable of the scenarios that says what is under test
#   VALUE    its value tonight, such as the path of the newest build
#   AA       the A/A control scenario, run first; empty for none
#   CZBENCH  the program; czbench unless given
#
# Exit status: 0 no regression, 1 a regression is confirmed, 2 inconclusive or the
# machine is not fit tonight, 3 and up an error. It goes on after a scenario that
# is not fine, and ends with the gravest status.
set -u
: "${HISTORY:?the folder of the history}" "${SUSPECT:?the variable that says what is under test}" "${VALUE:?its value tonight}"
: "${CZBENCH:=czbench}" "${AA:=}"
if [ $# -eq 0 ]; then
	echo "nightly: name the scenarios" >&2
	exit 3
fi

mkdir -p "$HISTORY/verdicts" || exit 3
exec 9>"$HISTORY/lock"
if ! flock -n 9; then
	echo "nightly: another night is still running" >&2
	exit 3
fi

# judge SCENARIO [FLAG…]: verdicts go beside the runs, by scenario.
judge() {
	scenario=$1
	shift
	name=$(basename "$scenario" .hcl)
	rm -f "$HISTORY/verdicts/$name.xml" "$HISTORY/verdicts/$name.md"
	"$CZBENCH" regress --history "$HISTORY/runs" "$@" \
		--junit "$HISTORY/verdicts/$name.xml" --markdown "$HISTORY/verdicts/$name.md" "$scenario"
}

if [ -n "$AA" ]; then
	judge "$AA"
	status=$?
	if [ "$status" -ne 0 ]; then
		echo "nightly: the machine is not fit tonight (status $status); nothing else was run" >&2
		[ "$status" -gt 2 ] && exit "$status"
		exit 2
	fi
fi

# An error is graver than a regression, and that graver than no conclusion.
worst=0
for scenario in "$@"; do
	[ "$scenario" = "$AA" ] && continue
	judge "$scenario" --suspect "$SUSPECT" -var "$SUSPECT=$VALUE"
	status=$?
	case $status in
	0) ;;
	1) [ "$worst" -le 2 ] && worst=1 ;;
	2) [ "$worst" -eq 0 ] && worst=2 ;;
	*) [ "$status" -gt "$worst" ] && worst=$status ;;
	esac
done
exit "$worst"
