# Images only by digest, so that the same sources give the same image.
package docker

deny_msg contains msg if {
	input.image
	not input.image.isCanonical
	msg := sprintf("%s has no digest", [input.image.ref])
}

decision := {"allow": count(deny_msg) == 0, "deny_msg": deny_msg}
