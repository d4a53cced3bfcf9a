# bash completion for kubectl-buildkit. The program itself knows what fits.

_kubectl_buildkit() {
    local line=${COMP_LINE:0:COMP_POINT} rest word words=() i
    # bash parts words at = and : too. What no blank parts belongs together.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        rest=${line#"${line%%[![:space:]]*}"}
        word=${COMP_WORDS[i]}
        ((i < COMP_CWORD)) || word=$rest
        if ((i > 0)) && [[ $rest == "$line" ]]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
        fi
        line=${rest#"$word"}
    done
    words=("${words[@]//[\"\'\\]/}")
    local current=${words[${#words[@]} - 1]} program=${words[0]/#\~/$HOME}

    local answer directive
    answer=$(KUBECTL_BUILDKIT_COMPLETE=exact "$program" __complete "${words[@]:1}" </dev/null 2>/dev/null) || return
    directive=${answer##*:}
    answer=${answer%:*}

    # What of the word is no value, and what bash leaves as it is.
    local flag="" kept="" colon=""
    [[ $current == -*=* ]] && flag=${current%%=*}=
    [[ $COMP_WORDBREAKS == *=* && $current == *=* ]] && kept=${current%"${current##*=}"}
    [[ $COMP_WORDBREAKS == *:* && $current == *:* ]] && colon=${current%"${current##*:}"}
    ((${#colon} > ${#kept})) && kept=$colon

    local values=() helps=() longest=0 tab=$'\t'
    if ((directive & 16)); then
        type compopt &>/dev/null && compopt -o filenames
        answer=$(compgen -d -- "${current#"$flag"}")
    elif ((directive & 4)); then
        type compopt &>/dev/null && compopt +o default
    fi
    ((directive & 2)) && type compopt &>/dev/null && compopt -o nospace
    while IFS= read -r line; do
        [[ $line ]] || continue
        word=$flag${line%%"$tab"*}
        values+=("${word#"$kept"}")
        [[ $line == *"$tab"* ]] && helps+=("${line#*"$tab"}") || helps+=("")
        word=${values[${#values[@]} - 1]}
        ((${#word} > longest)) && longest=${#word}
    done <<<"$answer"

    COMPREPLY=()
    if ((${#values[@]} == 1)); then
        word=${values[0]}
        # Folders are quoted by bash itself.
        if ((!(directive & 16))) && [[ $word == *[!A-Za-z0-9_/.:=@%+,-]* ]]; then
            printf -v word %q "$word"
        fi
        COMPREPLY=("$word")
        return
    fi
    local width=$((${COLUMNS:-80} - longest - 5))
    for ((i = 0; i < ${#values[@]}; i++)); do
        word=${values[i]}
        # Menus and `insert all` type what they are given.
        if [[ ${helps[i]} && $COMP_TYPE != 37 && $COMP_TYPE != 42 ]] && ((width > 8)); then
            printf -v word '%-*s  (%s)' "$longest" "$word" "${helps[i]:0:width}"
        fi
        COMPREPLY+=("$word")
    done
}

complete -o default -F _kubectl_buildkit kubectl-buildkit
