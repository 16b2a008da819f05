package spec

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// Int is a whole number with its position; a default has no position.
type Int struct {
	Value int
	Pos   Pos
}

// IsZero reports whether the field is absent.
func (i Int) IsZero() bool { return i == Int{} }

// Percent is a share from 0% to 100%, with at most two decimals.
type Percent struct {
	hundredths int // of a percent
	set        bool
	pos        Pos
}

var percentForm = regexp.MustCompile(percentPattern)

const percentPattern = `^([0-9]{1,3})(\.[0-9]{1,2})?%$`

// ParsePercent reads a percentage, 12.5%.
func ParsePercent(text string) (Percent, error) {
	var p Percent
	if err := p.parse(text, Pos{}); err != nil {
		return Percent{}, err
	}
	return p, nil
}

func (p *Percent) parse(text string, pos Pos) error {
	if !percentForm.MatchString(text) {
		return fmt.Errorf("%q is not a percentage; write 50%%", text)
	}
	f, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	if err != nil {
		return err
	}
	if f > 100 {
		return fmt.Errorf("%s is more than 100%%", text)
	}
	*p = Percent{int(math.Round(f * 100)), true, pos}
	return nil
}

// IsZero reports whether the field is absent; 0% is not absent.
func (p Percent) IsZero() bool { return !p.set }

// Pos is where it is written; zero for a default.
func (p Percent) Pos() Pos { return p.pos }

// Equal reports whether both are the same share, written at the same place.
func (p Percent) Equal(o Percent) bool { return p == o }

// Of is that share of n, rounded down.
func (p Percent) Of(n int) int { return n * p.hundredths / 10000 }

// String is the percentage in its shortest form; empty if absent.
func (p Percent) String() string {
	if !p.set {
		return ""
	}
	return strconv.FormatFloat(float64(p.hundredths)/100, 'f', -1, 64) + "%"
}
