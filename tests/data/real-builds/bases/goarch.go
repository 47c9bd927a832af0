// Prints Go's name for the architecture of a platform.
package main

import (
	"os"
	"strings"
)

func main() {
	os.Stdout.WriteString(strings.Split(os.Args[1], "/")[1] + "\n")
}
