#compdef kubectl-buildkit
# zsh completion for kubectl-buildkit. The program itself knows what fits.

_kubectl-buildkit() {
    local answer line directive value
    local -a before lines described space
    ((CURRENT > 2)) && before=("${(@Q)words[2,CURRENT-1]}")
    answer=$(KUBECTL_BUILDKIT_COMPLETE=exact "${${(Q)words[1]}/#\~/$HOME}" __complete "${before[@]}" "${(Q)PREFIX}" </dev/null 2>/dev/null) || return 1
    lines=("${(@f)answer}")
    directive=${lines[-1]#:}
    lines=("${(@)lines[1,-2]}")

    # The name of a flag is no part of its value.
    [[ $PREFIX == -*=* ]] && compset -P 1 '*='
    if ((directive & 16)); then
        _files -/
        return
    fi
    for line in "${lines[@]}"; do
        [[ -n $line ]] || continue
        value=${line%%$'\t'*}
        value=${value//:/\\:}
        [[ $line == *$'\t'* ]] && value+=:${line#*$'\t'}
        described+=("$value")
    done
    ((directive & 2)) && space=(-S '')
    if (($#described)); then
        _describe value described "${space[@]}"
    elif ((!(directive & 4))); then
        _files
    fi
}

if [[ ${funcstack[1]} == _kubectl-buildkit ]]; then
    _kubectl-buildkit "$@"
else
    compdef _kubectl-buildkit kubectl-buildkit
fi
