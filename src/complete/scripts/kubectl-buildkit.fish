# fish completion for kubectl-buildkit. The program itself knows what fits.

function __kubectl_buildkit_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l lines (KUBECTL_BUILDKIT_COMPLETE=exact $words[1] __complete $words[2..-1] "$word" </dev/null 2>/dev/null)
    set -l directive (string sub --start 2 -- $lines[-1])
    test -n "$directive"; or return
    set -e lines[-1]
    # The name of a flag is no part of its value.
    set -l flag (string match --regex -- '^-[^=]*=' "$word")
    set -l value (string sub --start (math 1 + (string length -- "$flag")) -- "$word")
    if test (math "bitand($directive, 16)") -ne 0
        set lines (__fish_complete_directories "$value" "")
    else if test (count $lines) -eq 0 -a (math "bitand($directive, 4)") -eq 0
        set lines (__fish_complete_path "$value")
    end
    for line in $lines
        printf '%s%s\n' "$flag" "$line"
    end
end

complete --command kubectl-buildkit --no-files --arguments '(__kubectl_buildkit_complete)'
