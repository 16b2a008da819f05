// The browser is what takes its time here, and the race detector sees nothing of it.

//go:build !race

package render_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/brickgate/brickgate/plan"
)

// chromium is the browser that is installed, "" for none.
func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// window is one tab, and what it did that a page of ours never does.
type window struct {
	context.Context
	t        *testing.T
	dir      string
	mu       sync.Mutex // guards what the browser reports
	requests []string
	errors   []string
}

func newWindow(t *testing.T) *window {
	path := chromium()
	if path == "" {
		t.Skip("no Chromium is installed: the page is looked at in one where there is")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path))
	if os.Getuid() == 0 {
		opts = append(opts, chromedp.NoSandbox) // Chromium has none for root
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Second)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	w := &window{Context: ctx, t: t, dir: t.TempDir()}
	if err := chromedp.Listen(ctx, w.saw); err != nil {
		t.Fatal(err)
	}
	call(w, network.Enable, network.EnableParams{})
	return w
}

func (w *window) saw(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		w.requests = append(w.requests, e.Request.URL)
	case *runtime.EventExceptionThrown:
		w.errors = append(w.errors, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		w.errors = append(w.errors, "console: "+string(e.Type))
	case *log.EventEntryAdded:
		w.errors = append(w.errors, e.Entry.Text)
	}
}

// call sends one command of the browser's protocol.
func call[P, R any](w *window, command cdp.Command[P, R], params P) R {
	w.t.Helper()
	r, err := chromedp.Call(w, command, params)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// eval is what an expression gives in the page, promises awaited.
func eval[T any](w *window, expression string) T {
	w.t.Helper()
	v, err := chromedp.Run(w, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		w.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// open loads a page from a file. A fragment is what a shared address ends with.
func (w *window) open(document, fragment string) {
	w.t.Helper()
	file := filepath.Join(w.dir, "plan.html")
	if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.do(chromedp.Navigate("about:blank")) // another fragment alone would load nothing
	w.mu.Lock()
	w.requests = nil
	w.mu.Unlock()
	w.do(chromedp.Navigate("file://" + file + fragment))
}

func (w *window) do(actions ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	if err := chromedp.Do(w, actions...); err != nil {
		w.t.Fatal(err)
	}
}

// keys presses keys, and waits until what they changed is drawn.
func (w *window) keys(keys string) {
	w.t.Helper()
	w.do(chromedp.KeyEvent(keys))
	w.drawn()
}

func (w *window) drawn() {
	w.t.Helper()
	eval[bool](w, "new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(true))))")
}

// set chooses a value of a field of the filter as a person does.
func (w *window) set(field, value string) {
	w.t.Helper()
	eval[bool](w, fmt.Sprintf("(e => { e.value = %q; e.dispatchEvent(new Event('input', {bubbles: true})); return true })(document.getElementById(%q))", value, field))
	w.drawn()
}

func (w *window) media(media, scheme string) {
	w.t.Helper()
	call(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: media, Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		},
	})
}

func (w *window) size(width, height int64) {
	w.t.Helper()
	call(w, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600,
	})
}

func (w *window) status() string {
	w.t.Helper()
	return eval[string](w, "document.getElementById('status').textContent")
}

// visible are the texts of the lines that are shown in a part of the page.
func (w *window) visible(section string) []string {
	w.t.Helper()
	return eval[[]string](w, fmt.Sprintf(`[...document.querySelectorAll('#%s .i')].filter(e => e.checkVisibility()).map(e => e.textContent.replace(/\s+/g, ' ').trim())`, section))
}

// TestInABrowser looks at pages as their readers do. One browser serves all.
func TestInABrowser(t *testing.T) {
	w := newWindow(t)
	for _, story := range []struct {
		name string
		tell func(*testing.T, *window)
	}{
		{"the page asks for nothing and breaks none of its own rules", quiet},
		{"hostile names run nothing", hostileNames},
		{"search narrows what is shown and says so", search},
		{"filters by product, principal and risk", filters},
		{"a view can be shared by its address", shared},
		{"the keyboard is enough", keyboard},
		{"all of it can be read without scripts", scriptless},
		{"a phone scrolls in one direction", phone},
		{"text stands out in light and dark", contrast},
		{"in print everything is open", inPrint},
		{"twenty thousand changes can be searched", large},
	} {
		t.Run(story.name, func(t *testing.T) {
			w.t = t
			w.media("screen", "light")
			w.size(1200, 900)
			story.tell(t, w)
			w.mu.Lock()
			defer w.mu.Unlock()
			if len(w.errors) > 0 {
				t.Errorf("the browser complains: %q", w.errors)
			}
			for _, r := range w.requests {
				if !strings.HasPrefix(r, "file://"+w.dir) {
					t.Errorf("the page asks for %s", r)
				}
			}
			w.errors, w.requests = nil, nil
		})
	}
}

func quiet(t *testing.T, w *window) {
	w.open(page(t, decided(t)), "")
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.requests) != 1 {
		t.Errorf("requests %q, want the page alone", w.requests)
	}
}

func hostileNames(t *testing.T, w *window) {
	p := decided(t)
	for i, s := range payloads {
		k := plan.Key{Kind: "group", Target: "account", Name: s}
		o := &plan.Origin{Pos: plan.Pos{File: s, Line: 1}, Reason: s}
		p.Changes = append(p.Changes, plan.Change{
			Key: k, Action: plan.Update, Origin: o, Reason: s, Labels: []string{"product:" + s},
			After:  []plan.Field{{Name: s, Values: []string{"user:" + s}}},
			Claims: []plan.Claim{{Field: s, Value: "user:" + s, Want: true, Origin: o}},
		})
		p.Impact.Effects = append(p.Impact.Effects, plan.Effect{
			Object: k, Product: s, Privileges: []string{s}, Gained: i%2 == 0, Count: 1, Named: []string{"user:" + s}, Risks: []plan.Risk{plan.Risk(s)},
			Way: []plan.Step{{From: "user:" + s, To: s, New: true}, {From: s, Fact: plan.Fact{Key: k, Value: s}}},
		})
	}
	p.Environment = payloads[0]
	document := page(t, p)
	for _, s := range payloads[:10] {
		w.open(document, "#q="+strings.ReplaceAll(s, "#", "")+"&product="+s+"&risk="+s)
		w.set("who", s)
		w.set("q", s)
	}
	if eval[bool](w, "'pwned' in window") {
		t.Error("something ran")
	}
}

func search(t *testing.T, w *window) {
	w.open(page(t, decided(t)), "")
	if got := w.status(); got != "All of the plan is shown." {
		t.Errorf("at first %q", got)
	}
	w.do(chromedp.Focus(chromedp.CSS("#q")))
	w.keys("carol can_manage")
	if got := w.visible("impact"); len(got) != 1 || !strings.Contains(got[0], "carol@example.com can no longer manage cluster shared-etl in workspace main") {
		t.Errorf("effects %q", got)
	}
	if got := w.visible("drift"); len(got) != 1 || !strings.Contains(got[0], "CAN_MANAGE") {
		t.Errorf("drift %q", got)
	}
	if got, want := w.status(), "Shown: 1 of 4 effects"; !strings.HasPrefix(got, want) {
		t.Errorf("status %q, want %q", got, want)
	}
	w.keys(" nobody")
	if got := w.status(); !strings.HasPrefix(got, "No results.") {
		t.Errorf("status %q", got)
	}
	if !eval[bool](w, "document.getElementById('nothing').checkVisibility()") {
		t.Error("nothing says that nothing matches")
	}
	w.do(chromedp.Click(chromedp.CSS("#again")))
	w.drawn()
	if got := len(w.visible("impact")); got != 4 {
		t.Errorf("%d lines after the filters are cleared", got)
	}
}

func filters(t *testing.T, w *window) {
	w.open(page(t, decided(t)), "")
	w.set("risk", "personal data")
	if got := w.visible("impact"); len(got) != 1 || !strings.Contains(got[0], "gold_prd.sales.customers") {
		t.Errorf("risky effects %q", got)
	}
	if got := w.visible("changes"); len(got) != 2 {
		t.Errorf("lines that cause risky effects: %q", got)
	}
	w.set("risk", "")
	w.set("product", "sales-orders")
	if got := w.visible("removals"); len(got) != 1 || !strings.Contains(got[0], "user:bob@example.com") {
		t.Errorf("removals of the product %q", got)
	}
	w.set("product", "")
	w.set("who", "user:dave")
	if got := w.visible("changes"); len(got) != 1 || !strings.Contains(got[0], "dave") {
		t.Errorf("lines of dave %q", got)
	}
	w.set("who", "GROUP:grp_engineering_prd")
	if got := w.visible("changes"); len(got) < 4 {
		t.Errorf("what is about a group is about its members, its access and its entitlements: %q", got)
	}
}

func shared(t *testing.T, w *window) {
	document := page(t, decided(t))
	w.open(document, "")
	w.set("q", "select & use")
	w.set("product", "sales-orders")
	address := eval[string](w, "location.hash")
	seen := w.status()
	w.open(document, address)
	if got := w.status(); got != seen || !strings.Contains(got, "“select & use”") {
		t.Errorf("at %s %q, want %q", address, got, seen)
	}
	w.open(document, "#risk=no+such&product=none&q=")
	if got := w.status(); got != "All of the plan is shown." {
		t.Errorf("an address of another plan: %q", got)
	}
	w.open(document, "#findings")
	if eval[float64](w, "scrollY") == 0 {
		t.Error("an address of a part of the page does not lead there")
	}
}

func keyboard(t *testing.T, w *window) {
	w.open(page(t, decided(t)), "")
	focused := func() string {
		return eval[string](w, "(e => e.id || e.className || e.tagName)(document.activeElement)")
	}
	w.keys("\t")
	if got := focused(); got != "skip" {
		t.Errorf("first is %s, want the link past the header", got)
	}
	if !eval[bool](w, "(r => r.top >= 0 && r.left >= 0 && r.width > 0)(document.activeElement.getBoundingClientRect())") {
		t.Error("the link past the header is not seen")
	}
	w.keys("\r")
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		p := input.DispatchKeyEventParams{Type: kind, Key: "/", Code: "Slash"}
		if kind == input.DispatchKeyEventTypeKeyDown {
			p.Text = "/" // types it, unless the page takes the key
		}
		call(w, input.DispatchKeyEvent, p)
	}
	if got := focused(); got != "q" {
		t.Errorf("/ leads to %s", got)
	}
	w.keys("a/b")
	if got := eval[string](w, "document.activeElement.value"); got != "a/b" {
		t.Errorf("typed %q", got)
	}
	w.keys(kb.Escape)
	if got := eval[string](w, "document.getElementById('q').value") + w.status(); got != "All of the plan is shown." {
		t.Errorf("after Escape %q", got)
	}
	for range 40 {
		if eval[bool](w, "document.activeElement.matches('details.group > summary')") {
			break
		}
		w.keys("\t")
		if !eval[bool](w, "(s => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2)(getComputedStyle(document.activeElement))") {
			t.Errorf("focus on %s is not seen", focused())
		}
	}
	const isOpen = "document.activeElement.parentElement.open"
	before := eval[bool](w, isOpen)
	w.keys("\r")
	if eval[bool](w, isOpen) == before {
		t.Error("Enter on a product opens or closes nothing")
	}
}

func scriptless(t *testing.T, w *window) {
	call(w, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	defer call(w, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: false})
	w.open(page(t, decided(t)), "")
	if eval[bool](w, "document.getElementById('filter').checkVisibility()") {
		t.Error("a filter that does nothing is shown")
	}
	for _, section := range []string{"impact", "removals", "changes", "drift", "blocked", "findings", "held"} {
		if len(w.visible(section)) == 0 {
			t.Errorf("nothing of %s is shown", section)
		}
	}
}

func phone(t *testing.T, w *window) {
	w.size(360, 740)
	p := decided(t)
	long := strings.Repeat("wide", 100)
	p.Changes[0].Reason = long
	p.Changes[1].Key.Name = long
	p.Findings[0].Message = long
	p.Impact.Effects[0].Named[0] = "user:" + long
	p.Impact.Effects[0].Risks[0] = plan.Risk(long)
	p.Impact.Effects[1].Object.Name = long
	p.Waivers[0].Guard = long
	w.open(page(t, p), "")
	w.do(chromedp.Click(chromedp.CSS("#unfold")))
	if got := eval[float64](w, "Math.max(document.scrollingElement.scrollWidth, innerWidth)"); got > 360 {
		wide := eval[[]string](w, `[...document.querySelectorAll('body *')].filter(e => !e.closest('.picture *') && e.getBoundingClientRect().right > 361).map(e => e.tagName + '.' + e.className).slice(0, 5)`)
		t.Errorf("the page is %v wide: %q", got, wide)
	}
	if small := eval[[]string](w, `[...document.querySelectorAll('button, input, select, summary, nav a')].filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 24).map(e => e.id || e.textContent)`); len(small) > 0 {
		t.Errorf("too small for a finger: %q", small)
	}
}

// faint finds text that does not stand out from what it stands on by 4.5 to 1 (WCAG
// 2.2, 1.4.3).
const faint = `(() => {
  const channel = (c) => (c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
  const rgba = (s) => s.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  const ratio = (a, b) => (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  const solid = (c) => c.length < 4 || c[3] === 1;
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = rgba(getComputedStyle(e).backgroundColor);
      if (solid(c)) return [c];
    }
    return [[255, 255, 255]];
  };
  const found = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement, text = texts.currentNode.data.trim();
    if (!text || e.closest('script, style, title, desc, datalist, .vh') || !e.checkVisibility()) continue;
    const svg = e.closest('svg');
    const colour = rgba(svg ? getComputedStyle(e).fill : getComputedStyle(e).color);
    const grounds = svg ? ['.paper', '.box'].map((s) => rgba(getComputedStyle(svg.querySelector(s)).fill)) : behind(e);
    for (const ground of grounds) {
      const r = ratio(light(colour), light(ground));
      if (r < 4.5) found.add(r.toFixed(2) + ' ' + e.tagName + '.' + (e.getAttribute('class') || '') + ' ' + text.slice(0, 30));
    }
  }
  return [...found];
})()`

func contrast(t *testing.T, w *window) {
	p := decided(t)
	p.Violations = []plan.Violation{{Guard: plan.GuardMinAdmins, Message: "account would have 1 of its 2 administrators left"}}
	p.Lacks = []plan.Lack{{Key: p.Changes[0].Key, Needs: "admin of workspace main", Holders: []string{"user:root@example.com"}}}
	p.Held[0].Failed = true
	p.Findings[1].Level = plan.LevelNote
	plans := []plan.Plan{p, decided(t), {Environment: "prd", Changes: p.Changes}, {Environment: "prd"}}
	for _, scheme := range []string{"light", "dark"} {
		for _, p := range plans {
			w.media("screen", scheme)
			w.open(page(t, p), "")
			w.do(chromedp.Click(chromedp.CSS("#unfold")))
			if got := eval[[]string](w, faint); len(got) > 0 {
				t.Errorf("%s: %q", scheme, got)
			}
		}
	}
	if dark := eval[string](w, "getComputedStyle(document.body).backgroundColor"); dark == "rgb(255, 255, 255)" {
		t.Error("dark is white")
	}
}

func inPrint(t *testing.T, w *window) {
	w.open(page(t, decided(t)), "")
	eval[bool](w, "document.querySelectorAll('details').forEach(d => { d.open = false }) || true")
	if got := w.visible("changes"); len(got) != 0 {
		t.Fatalf("shown in closed details: %q", got)
	}
	w.media("print", "light")
	if got := len(w.visible("changes")); got < 8 {
		t.Errorf("%d changed lines in print", got)
	}
	if eval[bool](w, "document.querySelector('.fields').checkVisibility() || document.querySelector('nav').checkVisibility()") {
		t.Error("in print there are controls")
	}
	w.media("screen", "light")
	w.set("q", "carol")
	w.media("print", "light")
	if !eval[bool](w, "document.getElementById('status').checkVisibility()") {
		t.Error("the print of a part does not say that it is one")
	}
	if pdf, err := chromedp.Run(w, chromedp.PrintToPDF()); err != nil || len(pdf) == 0 {
		t.Errorf("print: %d bytes, %v", len(pdf), err)
	}
}

func large(t *testing.T, w *window) {
	document := page(t, many(20_000))
	start := time.Now()
	w.open(document, "")
	loaded := time.Since(start)
	start = time.Now()
	w.set("q", "person12345@")
	filtered := time.Since(start)
	t.Logf("%d MB, loaded in %s, filtered in %s", len(document)>>20, loaded.Round(time.Millisecond), filtered.Round(time.Millisecond))
	if got := w.visible("changes"); len(got) != 1 {
		t.Errorf("%d lines", len(got))
	}
	if loaded > 20*time.Second || filtered > 10*time.Second {
		t.Errorf("loaded in %s, filtered in %s", loaded, filtered)
	}
}

// many is a plan of so many changed groups in a hundred products.
func many(changes int) plan.Plan {
	p := plan.Plan{Environment: "prd", Impact: &plan.Impact{}}
	for i := range changes {
		o := entry(fmt.Sprintf("products/p%d.yaml", i%100), i/100+1, "2026-12-31", "quarterly campaign analysis")
		user := fmt.Sprintf("user:person%d@example.com", i)
		k := plan.Key{Kind: "group", Target: "account", Name: fmt.Sprintf("grp_%d_prd", i)}
		c := plan.Change{
			Key: k, Action: plan.Update, Origin: o, Labels: []string{fmt.Sprintf("product:p%d", i%100)},
			Claims: []plan.Claim{{Field: "member", Value: user, Want: true, Origin: o}},
		}
		if i%10 == 0 {
			c.Before = []plan.Field{field("member", user)}
		} else {
			c.After = []plan.Field{field("member", user)}
		}
		p.Changes = append(p.Changes, c)
		if i%4 == 0 {
			p.Impact.Effects = append(p.Impact.Effects, plan.Effect{
				Object: plan.Key{Kind: "grants", Target: "metastore", Name: fmt.Sprintf("table/gold.sales.t%d", i)}, Product: fmt.Sprintf("p%d", i%100),
				Privileges: []string{"SELECT"}, Gained: i%10 != 0, Count: 1, Named: []string{user}, Before: 3, After: 4,
				Causes: []plan.Cause{{Fact: plan.Fact{Key: k, Field: "member", Value: user}, Removed: i%10 == 0, Origin: o}},
			})
		}
	}
	return p
}
