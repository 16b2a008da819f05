package spec

import (
	"time"
	_ "time/tzdata" // a bare date ends at the same instant on every machine
)

// Access says how long access lasts and who must agree to it.
type Access struct {
	Timezone              Text      `yaml:"timezone" doc:"the zone in which a bare date ends; UTC by default" example:"Europe/Berlin"`
	Standard              Standard  `yaml:"standard" doc:"access that is asked for in the ordinary way"`
	Temporary             Temporary `yaml:"temporary" doc:"access: temporary"`
	Emergency             Emergency `yaml:"emergency" doc:"emergency access; without it, there is none"`
	RequireExpiry         []Text    `yaml:"requireExpiry" enum:"consumers,members,grants,permissions" doc:"the entries that must have an end"`
	ConsumerEnvironments  EnvNames  `yaml:"consumerEnvironments" doc:"where entries of consumers apply unless they say otherwise"`
	InactiveAfter         Span      `yaml:"inactiveAfter" doc:"access unused for so long is reported" example:"90d"`
	NoticeBefore          Span      `yaml:"noticeBefore" doc:"how long before its end a notice is given" example:"7d"`
	ReviewEvery           Span      `yaml:"reviewEvery" doc:"how often access is reviewed" example:"3mo"`
	PIIRecertifyEvery     Span      `yaml:"piiRecertifyEvery" doc:"how often access to personal data is certified anew" example:"12mo"`
	DutyGrace             Span      `yaml:"dutyGrace" doc:"how long a duty, such as a certification, may be overdue before the access ends" example:"30d"`
	ApprovalWithin        Span      `yaml:"approvalWithin" doc:"how soon a request is answered" example:"2bd"`
	RequireApprovalDigest bool      `yaml:"requireApprovalDigest" doc:"an approval without digest is an error"`
	Pos                   Pos       `yaml:"-"`

	zone *time.Location // of Timezone; set with the defaults
}

// Standard is access that is asked for in the ordinary way.
type Standard struct {
	DefaultDuration Span `yaml:"defaultDuration" doc:"how long access lasts that names no end" example:"365d"`
	MaxDuration     Span `yaml:"maxDuration" doc:"how long access may last after an approval" example:"365d"`
}

// Temporary is access that its entry calls temporary.
type Temporary struct {
	MaxDuration Span   `yaml:"maxDuration" doc:"how long it may last" example:"30d"`
	Approval    []Text `yaml:"approval" doc:"the roles that approve it"`
}

// Emergency is access that starts before it is approved.
type Emergency struct {
	MaxDuration      Span   `yaml:"maxDuration" doc:"how long it may last" example:"24h"`
	Approval         []Text `yaml:"approval" doc:"the roles that approve it"`
	MayStart         []Text `yaml:"mayStart" doc:"the roles that may start it"`
	ApprovalWithin   Span   `yaml:"approvalWithin" doc:"without approval within this time it is revoked" example:"4h"`
	PostMortemWithin Span   `yaml:"postMortemWithin" doc:"how soon the post-mortem is due" example:"14d"`
	Layers           []Text `yaml:"layers" doc:"the layers that it may read"`
	Pos              Pos    `yaml:"-"`
}

// IsZero reports whether there is no emergency access.
func (e Emergency) IsZero() bool { return e.Pos.IsZero() }

// WithDefaults fills in what is absent. A Project that Load returns has been
// through it.
func (a Access) WithDefaults() Access {
	if a.Timezone.Value == "" {
		a.Timezone.Value = "UTC"
	}
	a.zone = a.location()
	a.Standard.MaxDuration = a.Standard.MaxDuration.or(365, "d")
	if a.Standard.DefaultDuration.IsZero() {
		// A shorter maximum is also the default.
		a.Standard.DefaultDuration = shorter(Span{count: 365, unit: "d"}, a.Standard.MaxDuration)
	}
	a.Temporary.MaxDuration = a.Temporary.MaxDuration.or(30, "d")
	a.Temporary.Approval = textsOr(a.Temporary.Approval, "domain_owner", "security_team")
	if !a.Emergency.IsZero() {
		a.Emergency = a.Emergency.withDefaults()
	}
	a.RequireExpiry = textsOr(a.RequireExpiry, "consumers")
	a.InactiveAfter = a.InactiveAfter.or(90, "d")
	a.NoticeBefore = a.NoticeBefore.or(7, "d")
	a.ReviewEvery = a.ReviewEvery.or(3, "mo")
	a.PIIRecertifyEvery = a.PIIRecertifyEvery.or(12, "mo")
	a.DutyGrace = a.DutyGrace.or(30, "d")
	a.ApprovalWithin = a.ApprovalWithin.or(2, "bd")
	return a
}

func (e Emergency) withDefaults() Emergency {
	e.MaxDuration = e.MaxDuration.or(24, "h")
	e.Approval = textsOr(e.Approval, "vp_engineering")
	e.MayStart = textsOr(e.MayStart, "platform_team")
	e.ApprovalWithin = e.ApprovalWithin.or(4, "h")
	e.PostMortemWithin = e.PostMortemWithin.or(14, "d")
	e.Layers = textsOr(e.Layers, "bronze", "silver", "gold")
	return e
}

// Location is the zone in which a bare date ends. Every entry of a consumer asks
// for it, and to load a zone takes as long as to judge many of them.
func (a Access) Location() *time.Location {
	if a.zone != nil {
		return a.zone
	}
	return a.location()
}

func (a Access) location() *time.Location {
	loc, err := time.LoadLocation(a.Timezone.Value)
	if err != nil {
		return time.UTC // an unknown zone does not load
	}
	return loc
}

// or is the span, or a default in place of an absent one.
func (s Span) or(count int, unit string) Span {
	if s.IsZero() {
		return Span{count: count, unit: unit}
	}
	return s
}

// spanEpoch is the day by which spans of different units are compared: a
// Monday, so that business days do not begin with a weekend.
var spanEpoch = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// longer reports whether s ends after o when both begin on the same day.
func (s Span) longer(o Span) bool { return s.AddTo(spanEpoch).After(o.AddTo(spanEpoch)) }

func shorter(a, b Span) Span {
	if a.longer(b) {
		return b
	}
	return a
}

// textsOr is the list, or a default in place of an absent one.
func textsOr(list []Text, values ...string) []Text {
	if list != nil {
		return list
	}
	for _, v := range values {
		list = append(list, Text{Value: v})
	}
	return list
}
