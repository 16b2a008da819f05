package sandbox

import (
	"maps"
	"strings"
)

// The shapes that single APIs give to their objects, beyond renamed fields.

func showJob(_ *Object, fields map[string]any) map[string]any {
	job := map[string]any{"settings": fields}
	for _, outside := range []string{"job_id", "creator_user_name", "created_time", "run_as_user_name"} {
		if v, ok := fields[outside]; ok {
			job[outside] = v
			delete(fields, outside)
		}
	}
	if job["run_as_user_name"] == nil && job["creator_user_name"] != nil {
		job["run_as_user_name"] = job["creator_user_name"]
	}
	return job
}

func showPipeline(o *Object, fields map[string]any) map[string]any {
	spec := maps.Clone(o.Fields)
	if spec == nil {
		spec = map[string]any{}
	}
	spec["id"], spec["name"] = o.ID, o.Name
	return map[string]any{
		"pipeline_id": o.ID, "name": o.Name, "state": fields["state"], "spec": spec,
		"creator_user_name": fields["creator_user_name"], "run_as_user_name": fields["creator_user_name"],
	}
}

func showWithPath(o *Object, fields map[string]any) map[string]any {
	if o.Path != "" {
		fields["path"] = o.Path
	}
	if o.Path != "" && o.Type == "dashboards" {
		fields["parent_path"] = folderOf(o.Path)
	}
	return fields
}

// showDashboard leaves out what only the endpoint of the published version shows.
func showDashboard(o *Object, fields map[string]any) map[string]any {
	delete(fields, publishedField)
	return showWithPath(o, fields)
}

func showProject(o *Object, fields map[string]any) map[string]any {
	fields["name"] = "projects/" + o.ID
	fields["status"] = map[string]any{"project_id": o.ID, "display_name": o.Name}
	return fields
}

func showAgent(o *Object, fields map[string]any) map[string]any {
	fields["name"] = o.Type + "/" + o.ID
	fields[strings.ReplaceAll(strings.TrimSuffix(o.Type, "s"), "-", "_")+"_id"] = o.ID
	return fields
}

// The errors of jobs and clusters that are not there have their own form, which
// clients tell by the text (SDK v0.175.0 apierr/error_overrides.go).

func missingJob(id string) error { return badValue("Job %s does not exist.", id) }

func missingCluster(id string) error {
	return badValue("Cluster %s does not exist", id)
}
