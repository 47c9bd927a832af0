package main

import (
	_ "embed"
	"os"
)

//go:embed words.txt
var words string

func main() { os.Stdout.WriteString(words + "\n") }
