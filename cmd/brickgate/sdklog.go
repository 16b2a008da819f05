package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"

	"github.com/databricks/databricks-sdk-go/logger"
)

// sdkLog sends the SDK's own log lines where ours go. Its debug lines hold
// headers and bodies, so they are never enabled.
type sdkLog struct{}

func (sdkLog) Enabled(ctx context.Context, level logger.Level) bool {
	return level >= logger.LevelWarn && slog.Default().Enabled(ctx, slog.Level(level))
}

func (l sdkLog) log(ctx context.Context, level slog.Level, format string, v []any) {
	if l.Enabled(ctx, logger.Level(level)) {
		slog.Log(ctx, level, fmt.Sprintf(format, withoutURLs(v)...))
	}
}

// withoutURLs are the parts of a message without what could not be parsed as a URL:
// a password in it is the usual reason.
func withoutURLs(v []any) []any {
	v = slices.Clone(v)
	for i := range v {
		err, ok := v[i].(error)
		if broken := (*url.Error)(nil); ok && errors.As(err, &broken) && broken.Op == "parse" {
			v[i] = "it is no URL"
		}
	}
	return v
}

func (l sdkLog) Tracef(ctx context.Context, f string, v ...any) { l.log(ctx, logger.LevelTrace, f, v) }
func (l sdkLog) Debugf(ctx context.Context, f string, v ...any) { l.log(ctx, slog.LevelDebug, f, v) }
func (l sdkLog) Infof(ctx context.Context, f string, v ...any)  { l.log(ctx, slog.LevelInfo, f, v) }
func (l sdkLog) Warnf(ctx context.Context, f string, v ...any)  { l.log(ctx, slog.LevelWarn, f, v) }
func (l sdkLog) Errorf(ctx context.Context, f string, v ...any) { l.log(ctx, slog.LevelError, f, v) }
