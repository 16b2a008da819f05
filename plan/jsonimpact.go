package plan

type jsonImpact struct {
	Effects []jsonEffect `json:"effects"` // the risky first
	Idle    []jsonIdle   `json:"idle"`
	Unknown []string     `json:"unknown"`
}

type jsonEffect struct {
	jsonKey
	Product    string      `json:"product"`
	Domain     string      `json:"domain"`
	Privileges []string    `json:"privileges"`
	Gained     bool        `json:"gained"`
	Count      int         `json:"count"`
	Named      []string    `json:"named"` // the first of them
	Open       []jsonGroup `json:"open"`
	Before     int         `json:"before"`
	After      int         `json:"after"`
	Contents   int         `json:"contents"`
	Risks      []Risk      `json:"risks"`
	Until      string      `json:"until"`
	Causes     []jsonCause `json:"causes"`
	Way        []jsonStep  `json:"way"`
}

type jsonGroup struct {
	Group string `json:"group"`
	Heads *int   `json:"heads"` // null: unknown
}

type jsonCause struct {
	jsonKeyFact
	Removed bool     `json:"removed"`
	Why     *jsonWhy `json:"why"` // null: nothing declares it any more
}

type jsonKeyFact struct {
	jsonKey
	Field string `json:"field"`
	Value string `json:"value"`
}

type jsonStep struct {
	From string       `json:"from"`
	To   string       `json:"to"`
	Fact *jsonKeyFact `json:"fact"` // null: it goes without one
	New  bool         `json:"new"`
}

type jsonIdle struct {
	jsonKeyFact
	Removed bool          `json:"removed"`
	Through []jsonKeyFact `json:"through"`
	Why     string        `json:"why"`
}

func impactJSON(i *Impact) *jsonImpact {
	if i == nil {
		return nil
	}
	return &jsonImpact{
		Effects: each(i.Effects, effectJSON),
		Idle: each(i.Idle, func(i Idle) jsonIdle {
			return jsonIdle{factJSON(i.Fact), i.Removed, each(i.Through, factJSON), i.Why}
		}),
		Unknown: append([]string{}, i.Unknown...),
	}
}

func effectJSON(e Effect) jsonEffect {
	until := Origin{Until: e.Until()}
	return jsonEffect{
		jsonKey: jsonKey(e.Object), Product: e.Product, Domain: e.Domain,
		Privileges: append([]string{}, e.Privileges...), Gained: e.Gained,
		Count: e.Count, Named: append([]string{}, e.Named...), Open: each(e.Open, groupJSON),
		Before: e.Before, After: e.After, Contents: e.Contents,
		Risks: append([]Risk{}, e.Risks...), Until: until.LastsUntil(),
		Causes: each(e.Causes, causeJSON),
		Way: each(e.Way, func(s Step) jsonStep {
			step := jsonStep{From: s.From, To: s.To, New: s.New}
			if s.Fact != (Fact{}) {
				fact := factJSON(s.Fact)
				step.Fact = &fact
			}
			return step
		}),
	}
}

func groupJSON(g OpenGroup) jsonGroup {
	out := jsonGroup{Group: g.Group}
	if g.Heads >= 0 {
		out.Heads = &g.Heads
	}
	return out
}

func causeJSON(c Cause) jsonCause {
	out := jsonCause{jsonKeyFact: factJSON(c.Fact), Removed: c.Removed}
	if c.Origin != nil {
		why := whyJSON(c.Origin)
		out.Why = &why
	}
	return out
}

func factJSON(f Fact) jsonKeyFact { return jsonKeyFact{jsonKey(f.Key), f.Field, f.Value} }
