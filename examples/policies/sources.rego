# Which sources a build may have: its own folders, images of two registries, and downloads over TLS.
package docker

registries := {"docker.io", "registry.example"}

default allow := false

allow if input.local

allow if input.image.host in registries

allow if input.http.schema == "https"

deny_msg contains msg if {
	input.image
	not input.image.host in registries
	msg := sprintf("%s is from %s, which is none of ours", [input.image.ref, input.image.host])
}

decision := {"allow": allow, "deny_msg": deny_msg}
