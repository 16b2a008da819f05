// Brickgate is access as code for Databricks: it makes the access that a
// repository of YAML declares visible as a plan, and then true.
package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(run(interruptible(context.Background()), os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}
