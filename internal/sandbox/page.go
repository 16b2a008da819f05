package sandbox

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// pages says how an endpoint that hands out page tokens cuts its list.
type pages struct {
	size string // the query parameter with the page size; empty: there is none
	def  int    // the page size when the request names none; 0 means everything
	max  int    // the largest page; 0 means no limit
	// mayBeEmpty: under Knobs.EmptyPages an empty page comes before each full
	// one, as Unity Catalog's lists may have them.
	mayBeEmpty bool
}

// page is the half-open range of a list of n entries that the request asks for
// (by its page_token and the size parameter), and the token of the next page,
// empty at the end.
func (c *call) page(n int, p pages) (lo, hi int, next string, err error) {
	size, err := c.pageSize(p)
	if err != nil {
		return 0, 0, "", err
	}
	if size <= 0 {
		size = max(n, 1)
	}
	token := c.query.Get("page_token")
	filled := false
	if token != "" {
		if lo, filled, err = parsePageToken(token); err != nil || lo > n {
			return 0, 0, "", badValue("page_token %q was not given out by this endpoint", token)
		}
	}
	if p.mayBeEmpty && c.s.Knobs().EmptyPages && !filled && lo < n {
		return lo, lo, pageToken(lo, true), nil
	}
	hi = min(lo+size, n)
	if hi < n {
		next = pageToken(hi, false)
	}
	return lo, hi, next, nil
}

// pageSize is the size of a page after the endpoint's and the knob's limits; 0
// means everything.
func (c *call) pageSize(p pages) (int, error) {
	size := p.def
	if p.size != "" {
		var err error
		if size, err = c.intQuery(p.size, p.def); err != nil {
			return 0, err
		}
	}
	if size < 0 {
		return 0, badValue("%s must not be negative, got %d", p.size, size)
	}
	for _, limit := range []int{p.max, c.s.Knobs().PageSize} {
		if limit > 0 && (size == 0 || size > limit) {
			size = limit
		}
	}
	return size, nil
}

// A token is the offset, marked where the empty page before it has been sent.
func pageToken(offset int, filled bool) string {
	text := strconv.Itoa(offset)
	if filled {
		text += "!"
	}
	return base64.RawURLEncoding.EncodeToString([]byte("page:" + text))
}

func parsePageToken(token string) (offset int, filled bool, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return 0, false, err
	}
	text, _ := strings.CutPrefix(string(raw), "page:")
	text, filled = strings.CutSuffix(text, "!")
	offset, err = strconv.Atoi(text)
	if err == nil && offset < 0 {
		err = strconv.ErrRange
	}
	return offset, filled, err
}
