#!/usr/bin/env bash
# Sets what a build did beside its forecast, and teaches the profile what it took. Called by action.yml.
#
# XSIM        the program
# LOG         logs of the build, separated by white space
# METADATA    what --metadata-file wrote, likewise; may be empty
# DOCKERFILE  the file that was built; may be empty
# PROFILE     the profile, which may not be there yet
# REPORT      where the report goes, in Markdown
set -euo pipefail
set -f

read -r -a logs <<<"${LOG//$'\n'/ }"
read -r -a metadata <<<"${METADATA//$'\n'/ }"
about=()
[ -z "$DOCKERFILE" ] || about+=(--dockerfile "$DOCKERFILE")
for file in "${metadata[@]}"; do about+=(--metadata "$file"); done

# The forecast is that of before: what is learnt now would know the answer.
known=()
[ ! -s "$PROFILE" ] || known=(--profile "$PROFILE")
"$XSIM" observe "${about[@]}" "${known[@]}" --format markdown --output "$REPORT" -- "${logs[@]}"

grown=()
[ ! -s "$PROFILE" ] || grown=(--update "$PROFILE")
mkdir -p "$(dirname "$PROFILE")"
learning=()
for log in "${logs[@]}"; do learning+=(--log "$log"); done
# A log of another file, or one that teaches nothing, is said and leaves the profile as it is.
if "$XSIM" calibrate "${grown[@]}" "${learning[@]}" "${about[@]}" --output "$PROFILE.new"; then
  mv "$PROFILE.new" "$PROFILE"
else
  rm -f "$PROFILE.new"
  echo "nothing was learnt" >&2
fi
