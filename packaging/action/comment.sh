#!/usr/bin/env bash
# Puts a report into one comment on a pull request, which is changed in place from then on. Called by action.yml.
#
# REPORT      the report, in Markdown
# REPOSITORY  owner/name
# NUMBER      the pull request
# GH_TOKEN    may write to pull requests; that of a fork's may not, which is no failure
set -euo pipefail

mark='<!-- xsim -->'
body=$(mktemp)
trap 'rm -f "$body"' EXIT
# GitHub refuses comments of more than 65,536 characters.
{ echo "$mark"; head -c 60000 -- "$REPORT"; } >"$body"

comments="repos/$REPOSITORY/issues/$NUMBER/comments"
known=$(gh api --paginate "$comments?per_page=100" \
  --jq ".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$mark\"))) | .id" | sed -n 1p) || known=""
if [ -n "$known" ]; then
  sent=(gh api --method PATCH "repos/$REPOSITORY/issues/comments/$known" --field "body=@$body" --silent)
else
  sent=(gh api --method POST "$comments" --field "body=@$body" --silent)
fi
"${sent[@]}" || echo "the comment could not be written: the job's token may not, as in a pull request of a fork" >&2
