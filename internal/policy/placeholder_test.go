package policy

import "testing"

func TestPlaceholders(t *testing.T) {
	for text, is := range map[string]bool{
		"tbd": true, "T.B.D.": true, "TODO": true, "to-do!": true, "n/a": true, "N.A.": true, "none": true, "test": true, "xxx": true, "x": true,
		"asdf": true, "access needed": true, "Access needed.": true, "-": true, "...": true, "…": true, "???": true, "": true, " \t": true, "🙂": true,
		"test test": true, "reporting reporting reporting": true, "wird nachgereicht": true, "à définir": true, "未定": true, "テスト": true, "[tbd]": true,
		"monthly report": false, "test of the new dashboard": false, "access needed for the audit of 2026": false, "none of the existing reports shows returns": false,
		"Betrugserkennung": false, "月次レポート作成のため": false, "月報": false, "รายงานประจำเดือน": false, "анализ продаж": false, "SOX": false, "Q1 Q1 planning": false,
		"بررسی فروش": false, "aa bb": false, "日": false,
	} {
		if got := isPlaceholder(text); got != is {
			t.Errorf("%q is a placeholder: %v", text, got)
		}
	}
}

func TestOneWordSaysLittle(t *testing.T) {
	for text, little := range map[string]bool{
		"reporting": true, "Reporting!": true, "分析": true, "документация": true,
		"monthly report": false, "Kampagnen-Analyse": false, "Jahresabschlussprüfung": false, "月次レポート作成のため": false, "รายงานประจำเดือน": false,
	} {
		if got := saysLittle(text); got != little {
			t.Errorf("%q says little: %v", text, got)
		}
	}
}
