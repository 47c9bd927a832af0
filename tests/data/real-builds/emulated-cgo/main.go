package main

// #cgo LDFLAGS: -lz
// #include <zlib.h>
import "C"

import "os"

func main() {
	if C.zlibCompileFlags() != 0 {
		os.Stdout.WriteString("hello from cgo\n")
	}
}
