# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of plantrpc for bash.

_plantrpc()
{
  local line=${COMP_LINE:0:COMP_POINT}
  local word=${line##*[[:space:]]} breaks=${COMP_WORDBREAKS//[^:=@]/}
  local before='' candidate

  # Bash replaces what stands behind the last of its word breaks only.
  if [[ -n $breaks && $word == *["$breaks"]* ]]; then
    before=${word%"${word##*["$breaks"]}"}
  fi
  COMPREPLY=()
  while IFS=$'\t' read -r candidate _; do
    candidate=${candidate#"$before"}
    printf -v candidate '%q' "$candidate"
    COMPREPLY+=("$candidate")
  done < <("${COMP_WORDS[0]}" complete -- "$line" 2>/dev/null)
  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
    compopt -o nospace 2>/dev/null
  fi
}

complete -o bashdefault -o default -F _plantrpc plantrpc
