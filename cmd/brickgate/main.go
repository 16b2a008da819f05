package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(run(interruptible(context.Background()), os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}
