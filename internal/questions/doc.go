// Package questions answers questions about effective access in the words of people.
//
// A question is resolved, answered and written in this order:
//
//	text ──World.Principal, Object, Privilege──▶ tokens and keys
//	     ──World.WhoCan, WhatCan, Explain, WhyNot──▶ Answer
//	     ──Text, Picture, JSON──▶ a terminal, a picture, a program
//
// Names are resolved as people write them: live, or as the documents spell them, and
// what is not known is told apart from what is misspelt. An Answer holds everything
// that its forms write, so that they cannot disagree; internal/access decides what
// it says.
//
//	w := questions.World{Access: a, Env: env, On: questions.Live, Now: now, …}
//	object, err := w.Object("gold_prd.sales.orders")
//	privilege, key, err := w.Privilege("select", object)
//	err = questions.Text(os.Stdout, w.WhoCan(privilege, key, object), render.TextOptions{})
package questions
