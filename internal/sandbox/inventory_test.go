package sandbox_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/service/apps"
	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/dashboards"
	"github.com/databricks/databricks-sdk-go/service/database"
	"github.com/databricks/databricks-sdk-go/service/jobs"
	"github.com/databricks/databricks-sdk-go/service/knowledgeassistants"
	"github.com/databricks/databricks-sdk-go/service/ml"
	"github.com/databricks/databricks-sdk-go/service/pipelines"
	"github.com/databricks/databricks-sdk-go/service/postgres"
	"github.com/databricks/databricks-sdk-go/service/sql"
	"github.com/databricks/databricks-sdk-go/service/supervisoragents"
	"github.com/databricks/databricks-sdk-go/service/vectorsearch"
	"github.com/databricks/databricks-sdk-go/service/workspace"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// collect is id=name of every item of a list.
func collect[T any](items []T, err error, show func(T) (string, string)) (string, error) {
	var lines []string
	for _, item := range items {
		id, name := show(item)
		lines = append(lines, id+"="+name)
	}
	slices.Sort(lines)
	return strings.Join(lines, " "), err
}

// It is long because it is a table: one entry per list endpoint.
func TestListsShowEveryTypeUnderTheIDOfItsACL(t *testing.T) {
	r := startWorkshop(t, sandbox.Options{Knobs: sandbox.Knobs{PageSize: 1}})
	w, ctx := r.workspace("dev/main"), t.Context()
	lists := map[string]func() (string, error){
		"jobs": func() (string, error) {
			l, err := w.Jobs.ListAll(ctx, jobs.ListJobsRequest{})
			return collect(l, err, func(j jobs.BaseJob) (string, string) { return fmt.Sprint(j.JobId), j.Settings.Name })
		},
		"pipelines": func() (string, error) {
			l, err := w.Pipelines.ListPipelinesAll(ctx, pipelines.ListPipelinesRequest{})
			return collect(l, err, func(p pipelines.PipelineStateInfo) (string, string) { return p.PipelineId, p.Name })
		},
		"warehouses": func() (string, error) {
			l, err := w.Warehouses.ListAll(ctx, sql.ListWarehousesRequest{})
			return collect(l, err, func(e sql.EndpointInfo) (string, string) { return e.Id, e.Name })
		},
		"clusters": func() (string, error) {
			l, err := w.Clusters.ListAll(ctx, compute.ListClustersRequest{})
			return collect(l, err, func(c compute.ClusterDetails) (string, string) { return c.ClusterId, c.ClusterName })
		},
		"cluster-policies": func() (string, error) {
			l, err := w.ClusterPolicies.ListAll(ctx, compute.ListClusterPoliciesRequest{})
			return collect(l, err, func(p compute.Policy) (string, string) { return p.PolicyId, p.Name })
		},
		"instance-pools": func() (string, error) {
			l, err := w.InstancePools.ListAll(ctx)
			return collect(l, err, func(p compute.InstancePoolAndStats) (string, string) { return p.InstancePoolId, p.InstancePoolName })
		},
		"repos": func() (string, error) {
			// The SDK marks its method for this list as deprecated.
			var page workspace.ListReposResponse
			err := json.Unmarshal([]byte(r.do("GET /api/2.0/repos?path_prefix=/Repos/team", "").body), &page)
			return collect(page.Repos, err, func(p workspace.RepoInfo) (string, string) { return fmt.Sprint(p.Id), p.Path })
		},
		"dashboards": func() (string, error) {
			l, err := w.Lakeview.ListAll(ctx, dashboards.ListDashboardsRequest{})
			return collect(l, err, func(d dashboards.Dashboard) (string, string) { return d.DashboardId, d.DisplayName })
		},
		"dbsql-dashboards": func() (string, error) {
			l, err := w.Dashboards.ListAll(ctx, sql.ListDashboardsRequest{})
			return collect(l, err, func(d sql.Dashboard) (string, string) { return d.Id, d.Name })
		},
		"queries": func() (string, error) {
			l, err := w.Queries.ListAll(ctx, sql.ListQueriesRequest{})
			return collect(l, err, func(q sql.ListQueryObjectsResponseQuery) (string, string) { return q.Id, q.DisplayName })
		},
		"alerts": func() (string, error) {
			l, err := w.Alerts.ListAll(ctx, sql.ListAlertsRequest{})
			return collect(l, err, func(a sql.ListAlertsResponseAlert) (string, string) { return a.Id, a.DisplayName })
		},
		"alertsv2": func() (string, error) {
			l, err := w.AlertsV2.ListAlertsAll(ctx, sql.ListAlertsV2Request{})
			return collect(l, err, func(a sql.AlertV2) (string, string) { return a.Id, a.DisplayName })
		},
		"genie": func() (string, error) {
			l, err := w.Genie.ListSpaces(ctx, dashboards.GenieListSpacesRequest{})
			return collect(l.Spaces, err, func(s dashboards.GenieSpace) (string, string) { return s.SpaceId, s.Title })
		},
		"experiments": func() (string, error) {
			l, err := w.Experiments.ListExperimentsAll(ctx, ml.ListExperimentsRequest{})
			return collect(l, err, func(e ml.Experiment) (string, string) { return e.ExperimentId, e.Name })
		},
		"vector-search-endpoints": func() (string, error) {
			l, err := w.VectorSearchEndpoints.ListEndpointsAll(ctx, vectorsearch.ListEndpointsRequest{})
			return collect(l, err, func(e vectorsearch.EndpointInfo) (string, string) { return e.Id, e.Name })
		},
		"apps": func() (string, error) {
			l, err := w.Apps.ListAll(ctx, apps.ListAppsRequest{})
			return collect(l, err, func(a apps.App) (string, string) { return a.Name, a.Name })
		},
		"database-instances": func() (string, error) {
			l, err := w.Database.ListDatabaseInstancesAll(ctx, database.ListDatabaseInstancesRequest{})
			return collect(l, err, func(d database.DatabaseInstance) (string, string) { return d.Name, d.Name })
		},
		"database-projects": func() (string, error) {
			l, err := w.Postgres.ListProjectsAll(ctx, postgres.ListProjectsRequest{})
			return collect(l, err, func(p postgres.Project) (string, string) { return p.ProjectId, p.Status.DisplayName })
		},
		"knowledge-assistants": func() (string, error) {
			l, err := w.KnowledgeAssistants.ListKnowledgeAssistantsAll(ctx, knowledgeassistants.ListKnowledgeAssistantsRequest{})
			return collect(l, err, func(k knowledgeassistants.KnowledgeAssistant) (string, string) {
				return strings.TrimPrefix(k.Name, "knowledge-assistants/"), k.DisplayName
			})
		},
		"supervisor-agents": func() (string, error) {
			l, err := w.SupervisorAgents.ListSupervisorAgentsAll(ctx, supervisoragents.ListSupervisorAgentsRequest{})
			return collect(l, err, func(s supervisoragents.SupervisorAgent) (string, string) { return s.SupervisorAgentId, s.DisplayName })
		},
		"serving-endpoints": func() (string, error) {
			l, err := w.ServingEndpoints.ListAll(ctx)
			var lines []string
			for _, e := range l {
				lines = append(lines, e.Id+"="+e.Name)
			}
			return strings.Join(lines, " "), err
		},
	}
	for kind, list := range lists {
		var want []string
		for _, o := range r.State().Workspaces[0].Objects {
			if o.Type == kind && kind == "repos" {
				want = append(want, o.ID+"="+o.Path)
			} else if o.Type == kind {
				want = append(want, o.ID+"="+o.Name)
			}
		}
		slices.Sort(want)
		got, err := list()
		if err != nil || got != strings.Join(want, " ") {
			t.Errorf("%s: got %q, %v, want %q", kind, got, err, want)
		}
	}
}

func TestGetsOfSingleObjects(t *testing.T) {
	r := startWorkshop(t, sandbox.Options{})
	w, ctx := r.workspace("dev/main"), t.Context()
	job, err := w.Jobs.GetByJobId(ctx, 77)
	if err != nil || job.Settings.Name != "nightly" || job.CreatorUserName != "Alice@example.com" {
		t.Errorf("job: %+v, %v", job, err)
	}
	cluster, err := w.Clusters.GetByClusterId(ctx, "0123-456789-abcdef")
	if err != nil || cluster.ClusterName != "shared-etl" || cluster.State != "RUNNING" {
		t.Errorf("cluster: %+v, %v", cluster, err)
	}
	warehouse, err := w.Warehouses.GetById(ctx, "1234567890abcdef")
	if err != nil || warehouse.CreatorName != "Alice@example.com" {
		t.Errorf("warehouse: %+v, %v", warehouse, err)
	}
	dashboard, err := w.Lakeview.GetByDashboardId(ctx, r.objectID("dashboards", "Sales"))
	if err != nil || dashboard.Path != "/Shared/reports/Sales.lvdash.json" || dashboard.ParentPath != "/Shared/reports" {
		t.Errorf("dashboard: %+v, %v", dashboard, err)
	}
	model, err := w.ModelRegistry.GetModel(ctx, ml.GetModelRequest{Name: "churn"})
	if err != nil || model.RegisteredModelDatabricks.Id != r.objectID("registered-models", "churn") {
		t.Errorf("model: %+v, %v", model, err)
	}
	models, err := w.ModelRegistry.ListModelsAll(ctx, ml.ListModelsRequest{})
	if err != nil || len(models) != 1 || models[0].Name != "churn" {
		t.Errorf("models without their root: %+v, %v", models, err)
	}
	endpoint, err := w.ServingEndpoints.GetByName(ctx, "scorer")
	if err != nil || endpoint.Id != r.objectID("serving-endpoints", "scorer") {
		t.Errorf("serving endpoint: %+v, %v", endpoint, err)
	}
	experiment, err := w.Experiments.GetExperiment(ctx, ml.GetExperimentRequest{ExperimentId: r.objectID("experiments", "/Users/alice@example.com/churn")})
	if err != nil || experiment.Experiment.Name != "/Users/alice@example.com/churn" {
		t.Errorf("experiment: %+v, %v", experiment, err)
	}
	project, err := w.Postgres.GetProject(ctx, postgres.GetProjectRequest{Name: "projects/lakebase"})
	if err != nil || project.Name != "projects/lakebase" {
		t.Errorf("project: %+v, %v", project, err)
	}
	assistant, err := w.KnowledgeAssistants.GetKnowledgeAssistant(ctx, knowledgeassistants.GetKnowledgeAssistantRequest{
		Name: "knowledge-assistants/" + r.objectID("knowledge-assistants", "helper")})
	if err != nil || assistant.DisplayName != "helper" {
		t.Errorf("assistant: %+v, %v", assistant, err)
	}
	for name, err := range map[string]error{
		"job":       func() error { _, err := w.Jobs.GetByJobId(ctx, 1); return err }(),
		"cluster":   func() error { _, err := w.Clusters.GetByClusterId(ctx, "x"); return err }(),
		"warehouse": func() error { _, err := w.Warehouses.GetById(ctx, "x"); return err }(),
	} {
		if !errors.Is(err, apierr.ErrResourceDoesNotExist) {
			t.Errorf("missing %s: %v", name, err)
		}
	}
}

func TestListsShowWhatTheCallerMaySee(t *testing.T) {
	r := startWorkshop(t, sandbox.Options{})
	bob := r.workspaceAs("dev/main", r.tokenOf("bob@example.com"))
	seen, err := bob.Jobs.ListAll(t.Context(), jobs.ListJobsRequest{})
	if err != nil || len(seen) != 1 || seen[0].JobId != 77 {
		t.Errorf("bob sees the job of everyone alone, got %+v, %v", seen, err)
	}
	_, err = bob.Clusters.GetByClusterId(t.Context(), "0123-456789-abcdef")
	wantError(t, err, 403, "PERMISSION_DENIED", "does not have View permissions")
	if l, err := r.workspace("dev/main").Jobs.ListAll(t.Context(), jobs.ListJobsRequest{Name: "NIGHTLY"}); err != nil || len(l) != 1 {
		t.Errorf("jobs by name: %v, %v", l, err)
	}
}

func TestPathsBecomeIDs(t *testing.T) {
	r := startWorkshop(t, sandbox.Options{})
	w, ctx := r.workspace("dev/main"), t.Context()
	for path, want := range map[string]string{
		"/": "0 DIRECTORY", "/Workspace/Shared/reports/daily": r.objectID("notebooks", "daily") + " NOTEBOOK",
		"/Repos/team/project": r.objectID("repos", "project") + " REPO",
	} {
		got, err := w.Workspace.GetStatusByPath(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, fmt.Sprint(got.ObjectId, " ", got.ObjectType), want)
	}
	dashboard, err := w.Workspace.GetStatusByPath(ctx, "/Shared/reports/Sales.lvdash.json")
	if err != nil || dashboard.ResourceId != r.objectID("dashboards", "Sales") || dashboard.ObjectType != workspace.ObjectTypeDashboard {
		t.Errorf("dashboard: %+v, %v", dashboard, err)
	}
	list, err := w.Workspace.ListAll(ctx, workspace.ListWorkspaceRequest{Path: "/Shared/reports"})
	var paths []string
	for _, o := range list {
		paths = append(paths, o.Path)
	}
	equal(t, strings.Join(paths, " "), "/Shared/reports/Sales.lvdash.json /Shared/reports/daily /Shared/reports/data.csv")
	if err != nil {
		t.Error(err)
	}
	_, err = w.Workspace.GetStatusByPath(ctx, "/Shared/nothing")
	wantError(t, err, 404, "RESOURCE_DOES_NOT_EXIST", "Path (/Shared/nothing) doesn't exist.")
}

func TestImportsMakeNotebooksAndFiles(t *testing.T) {
	r := startWorkshop(t, sandbox.Options{})
	w, ctx := r.workspace("dev/main"), t.Context()
	must(t, w.Workspace.Import(ctx, workspace.Import{Path: "/Shared/reports/new", Language: workspace.LanguageSql, Format: workspace.ImportFormatSource, Content: "c2VsZWN0IDE="}))
	got, err := w.Workspace.GetStatusByPath(ctx, "/Shared/reports/new")
	if err != nil || got.ObjectType != workspace.ObjectTypeNotebook || got.Language != workspace.LanguageSql {
		t.Errorf("notebook: %+v, %v", got, err)
	}
	err = w.Workspace.Import(ctx, workspace.Import{Path: "/Shared/reports/new", Language: workspace.LanguageSql})
	wantError(t, err, 400, "RESOURCE_ALREADY_EXISTS", "/Shared/reports/new")
}

func TestFoldersAreMadeAndDeleted(t *testing.T) {
	r := startWorkshop(t, sandbox.Options{})
	w, ctx := r.workspace("dev/main"), t.Context()
	if err := w.Workspace.MkdirsByPath(ctx, "/Shared/a/b"); err != nil {
		t.Fatal(err)
	}
	if err := w.Workspace.MkdirsByPath(ctx, "/Shared/a/b"); err != nil {
		t.Errorf("making it again: %v", err)
	}
	made, err := w.Workspace.GetStatusByPath(ctx, "/Shared/a/b")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.patch(w, "directories", fmt.Sprint(made.ObjectId), entry("group:analysts", "CAN_READ")); err != nil {
		t.Error(err)
	}
	err = w.Workspace.Delete(ctx, workspace.Delete{Path: "/Shared/a"})
	wantError(t, err, 400, "DIRECTORY_NOT_EMPTY", "/Shared/a")
	if err := w.Workspace.Delete(ctx, workspace.Delete{Path: "/Shared/a", Recursive: true}); err != nil {
		t.Fatal(err)
	}
	_, err = w.Workspace.GetStatusByPath(ctx, "/Shared/a/b")
	wantError(t, err, 404, "RESOURCE_DOES_NOT_EXIST", "/Shared/a/b")
	bob := r.workspaceAs("dev/main", r.tokenOf("bob@example.com"))
	wantError(t, bob.Workspace.MkdirsByPath(ctx, "/Users/alice@example.com/x"), 403, "PERMISSION_DENIED", "Edit")
}

func TestObjectsAreMadeByTheirCreatorAndDeleted(t *testing.T) {
	r := startWorkshop(t, sandbox.Options{})
	ctx := t.Context()
	alice, w := r.workspaceAs("dev/main", r.tokenOf("alice@example.com")), r.workspace("dev/main")
	job, err := alice.Jobs.Create(ctx, jobs.CreateJob{Name: "made", Tags: map[string]string{"a": "b"}})
	if err != nil {
		t.Fatal(err)
	}
	id := fmt.Sprint(job.JobId)
	equal(t, r.acl(alice, "jobs", id), "Alice@example.com IS_OWNER; admins CAN_MANAGE from /jobs/")
	if got, err := alice.Jobs.GetByJobId(ctx, job.JobId); err != nil || got.Settings.Tags["a"] != "b" {
		t.Errorf("the job's fields come back: %+v, %v", got, err)
	}
	if err := alice.Jobs.DeleteByJobId(ctx, job.JobId); err != nil {
		t.Fatal(err)
	}
	if _, err := alice.Jobs.GetByJobId(ctx, job.JobId); !errors.Is(err, apierr.ErrResourceDoesNotExist) {
		t.Errorf("get of a deleted job: %v", err)
	}
	equal(t, r.acl(w, "jobs", id), "Alice@example.com IS_OWNER; admins CAN_MANAGE from /jobs/")

	cluster, err := alice.Clusters.Create(ctx, compute.CreateCluster{ClusterName: "made", SparkVersion: "15.4.x-scala2.12", NumWorkers: 1})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, r.acl(alice, "clusters", cluster.ClusterId), "Alice@example.com CAN_MANAGE; admins CAN_MANAGE from /clusters/")
	if err := alice.Clusters.PermanentDeleteByClusterId(ctx, cluster.ClusterId); err != nil {
		t.Fatal(err)
	}
	got := r.do("GET /api/2.0/permissions/clusters/"+cluster.ClusterId, "")
	equal(t, fmt.Sprint(got.status, got.field("error_code")), "400INVALID_STATE")

	warehouse, err := w.Warehouses.Create(ctx, sql.CreateWarehouseRequest{Name: "made", ClusterSize: "Small"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Warehouses.DeleteById(ctx, warehouse.Id); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Warehouses.GetById(ctx, warehouse.Id); !errors.Is(err, apierr.ErrResourceDoesNotExist) {
		t.Errorf("get of a deleted warehouse: %v", err)
	}
	dashboard, err := alice.Lakeview.Create(ctx, dashboards.CreateDashboardRequest{Dashboard: dashboards.Dashboard{DisplayName: "New"}})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, dashboard.Path, "/Users/Alice@example.com/New.lvdash.json")
}

func TestUnknownFieldsOfCreateRequestsAreNamed(t *testing.T) {
	r := startWorkshop(t, sandbox.Options{})
	if got := r.do("POST /api/2.2/jobs/create", `{"nmae":"x"}`); got.status != 400 || !strings.Contains(got.body, `unknown field \"nmae\"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
}
