FROM registry.example.com/app:Release AS base
COPY --from=registry.example.com/other:Stable /x /x
