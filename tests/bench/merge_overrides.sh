#!/bin/bash
# How forges merge overrides without forge-analyze, for comparisons: merge_overrides.sh CONSTRAINTS OVERRIDES
# changes CONSTRAINTS.
set -eu
work="$1"; overrides="$2"
while IFS= read -r line; do
  case "$line" in
    ''|'#'*) ;;
    -*) name=$(printf '%s' "${line#-}" | sed 's/[.[\*^$/]/\\&/g'); sed -i "/^$name===/Id" "$work" ;;
    *) name=$(printf '%s' "${line%%===*}" | sed 's/[.[\*^$/]/\\&/g'); sed -i "/^$name===/Id" "$work"
       printf '%s\n' "$line" >>"$work" ;;
  esac
done <"$overrides"
