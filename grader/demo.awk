# grader/demo.awk: fills in the demo's scenario. A line with @VM@ comes once for each VM,
# @SEED@ is that VM's own seed, @VMS@ the number of VMs.

{
	gsub(/@VMS@/, vms)
	if ($0 !~ /@VM@/) {
		print
		next
	}
	for (vm = 1; vm <= vms; vm++) {
		line = $0
		gsub(/@VM@/, vm, line)
		gsub(/@SEED@/, seed + vm, line)
		print line
	}
}
