#!/usr/bin/env bash
# What xsim says of files: `run.sh report` in words and as SARIF, `run.sh check` as annotations and an exit code. Called by action.yml.
#
# XSIM        the program
# FILES       Dockerfiles or folders, separated by white space
# PLATFORMS   target platforms, separated by commas; may be empty
# ARGS        further options of `xsim check`, separated by white space
# BASE        a folder with the base branch's files; may not be there
# CONFIG      the settings' name
# PROFILE     a profile; may be empty or not be there
# REPORT      report: where the Markdown is added
# SARIF       report: where SARIF goes; may be empty
# FAIL_ON     check: what fails
set -euo pipefail
set -f

read -r -a files <<<"${FILES//$'\n'/ }"
read -r -a args <<<"${ARGS//$'\n'/ }"
given=()
[ -z "$PLATFORMS" ] || given+=(--platform "$PLATFORMS")
# What a pull request proposes is checked by the rules of the branch that it is proposed for.
if [ -d "$BASE" ]; then
  mkdir -p "$(dirname "$BASE/$CONFIG")"
  given+=(--trusted-config "$BASE/$CONFIG")
elif [ "$CONFIG" != xsim.toml ]; then
  given+=(--config "$CONFIG")
fi
[ -z "$PROFILE" ] || [ ! -s "$PROFILE" ] || given+=(--profile "$PROFILE")

case $1 in
  report)
    if [ -n "$SARIF" ]; then
      "$XSIM" check ${given[@]+"${given[@]}"} ${args[@]+"${args[@]}"} --format sarif --output "$SARIF" -- "${files[@]}" || true
    fi
    for file in "${files[@]}"; do
      "$XSIM" analyze ${given[@]+"${given[@]}"} --format markdown -- "$file" >>"$REPORT" || true
    done
    ;;
  check)
    "$XSIM" check ${given[@]+"${given[@]}"} ${args[@]+"${args[@]}"} --fail-on "$FAIL_ON" --format github -- "${files[@]}"
    ;;
esac
