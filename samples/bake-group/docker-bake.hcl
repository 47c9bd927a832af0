variable "VERSION" {
  default = "dev"
}

group "default" {
  targets = ["api", "worker", "docs"]
}

target "_common" {
  dockerfile = "Containerfile"
  platforms  = ["linux/amd64", "linux/arm64"]
}

target "base" {
  inherits = ["_common"]
  target   = "base"
}

target "app" {
  name     = item
  inherits = ["_common"]
  matrix = {
    item = ["api", "worker"]
  }
  target = item
  tags   = ["example.org/${item}:${VERSION}"]
  args = {
    VERSION = item == "api" ? VERSION : "${VERSION}-worker"
  }
}

target "docs" {
  inherits          = ["_common"]
  dockerfile-inline = "FROM base\nRUN apk add --no-cache py3-mkdocs\nCOPY docs /docs\n"
  contexts = {
    base = "target:base"
  }
}
