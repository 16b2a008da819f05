//lint:file-ignore SA1019 programs in the field use the deprecated services and methods; that they work is what is tested

package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/databricks/databricks-sdk-go"
	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/service/apps"
	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/dashboards"
	"github.com/databricks/databricks-sdk-go/service/database"
	"github.com/databricks/databricks-sdk-go/service/iam"
	"github.com/databricks/databricks-sdk-go/service/jobs"
	"github.com/databricks/databricks-sdk-go/service/ml"
	"github.com/databricks/databricks-sdk-go/service/pipelines"
	"github.com/databricks/databricks-sdk-go/service/serving"
	"github.com/databricks/databricks-sdk-go/service/sql"
	"github.com/databricks/databricks-sdk-go/service/vectorsearch"
	"github.com/databricks/databricks-sdk-go/service/workspace"
)

// object is the life of one type of object through its own service of the SDK.
type object struct {
	kind   string // request_object_type
	make   func() (id string, err error)
	read   func(id string) (name string, err error)
	edit   func(id string) error // gives it the name "renamed", where the API can
	fixed  bool                  // its name cannot change
	remove func(id string) error
	levels func(id string) error // the permission levels and the ACL by the type's own methods
}

func number(id string) int64 {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

// It is long because it is a table: one entry per type of object.
func objectLives(ctx context.Context, w *databricks.WorkspaceClient) []object {
	return []object{
		{kind: "jobs",
			make: func() (string, error) {
				o, err := w.Jobs.Create(ctx, jobs.CreateJob{Name: "first", Tasks: []jobs.Task{{TaskKey: "a", NotebookTask: &jobs.NotebookTask{NotebookPath: "/Shared/n"}}}})
				if err != nil {
					return "", err
				}
				return fmt.Sprint(o.JobId), nil
			},
			read: func(id string) (string, error) {
				o, err := w.Jobs.GetByJobId(ctx, number(id))
				if err != nil {
					return "", err
				}
				if len(o.Settings.Tasks) != 1 || o.CreatorUserName != "admin@example.com" {
					return "", fmt.Errorf("%d tasks, made by %s", len(o.Settings.Tasks), o.CreatorUserName)
				}
				return o.Settings.Name, nil
			},
			edit: func(id string) error {
				if err := w.Jobs.Update(ctx, jobs.UpdateJob{JobId: number(id), NewSettings: &jobs.JobSettings{Name: "renamed", Description: "d"}, FieldsToRemove: []string{"description"}}); err != nil {
					return err
				}
				return w.Jobs.Reset(ctx, jobs.ResetJob{JobId: number(id), NewSettings: jobs.JobSettings{Name: "renamed", Tasks: []jobs.Task{{TaskKey: "b"}}}})
			},
			remove: func(id string) error { return w.Jobs.DeleteByJobId(ctx, number(id)) },
			levels: func(id string) error {
				return errors.Join(got(w.Jobs.GetPermissionLevelsByJobId(ctx, id)), got(w.Jobs.GetPermissionsByJobId(ctx, id)),
					got(w.Jobs.UpdatePermissions(ctx, jobs.JobPermissionsRequest{JobId: id, AccessControlList: []jobs.JobAccessControlRequest{{GroupName: "users", PermissionLevel: jobs.JobPermissionLevelCanView}}})),
					got(w.Jobs.SetPermissions(ctx, jobs.JobPermissionsRequest{JobId: id, AccessControlList: []jobs.JobAccessControlRequest{{UserName: "admin@example.com", PermissionLevel: jobs.JobPermissionLevelIsOwner}}})))
			}},
		{kind: "pipelines",
			make: func() (string, error) {
				o, err := w.Pipelines.Create(ctx, pipelines.CreatePipeline{Name: "first", Continuous: false, Libraries: []pipelines.PipelineLibrary{{Notebook: &pipelines.NotebookLibrary{Path: "/Shared/n"}}}})
				if err != nil {
					return "", err
				}
				return o.PipelineId, nil
			},
			read: func(id string) (string, error) {
				o, err := w.Pipelines.GetByPipelineId(ctx, id)
				if err != nil {
					return "", err
				}
				return o.Name, nil
			},
			edit: func(id string) error {
				return w.Pipelines.Update(ctx, pipelines.EditPipeline{PipelineId: id, Name: "renamed"})
			},
			remove: func(id string) error { return w.Pipelines.DeleteByPipelineId(ctx, id) },
			levels: func(id string) error {
				return errors.Join(got(w.Pipelines.GetPermissionLevelsByPipelineId(ctx, id)), got(w.Pipelines.GetPermissionsByPipelineId(ctx, id)))
			}},
		{kind: "warehouses",
			make: func() (string, error) {
				o, err := w.Warehouses.Create(ctx, sql.CreateWarehouseRequest{Name: "first", ClusterSize: "2X-Small", MaxNumClusters: 1})
				if err != nil {
					return "", err
				}
				running, err := o.Get()
				if err != nil {
					return "", err
				}
				return running.Id, nil
			},
			read: func(id string) (string, error) {
				o, err := w.Warehouses.GetById(ctx, id)
				if err != nil {
					return "", err
				}
				return o.Name, nil
			},
			edit: func(id string) error {
				if err := got(w.Warehouses.Stop(ctx, sql.StopRequest{Id: id})); err != nil {
					return err
				}
				if err := got(w.Warehouses.StartAndWait(ctx, sql.StartRequest{Id: id})); err != nil {
					return err
				}
				return got(w.Warehouses.EditAndWait(ctx, sql.EditWarehouseRequest{Id: id, Name: "renamed", AutoStopMins: 5}))
			},
			remove: func(id string) error { return w.Warehouses.DeleteById(ctx, id) },
			levels: func(id string) error {
				return errors.Join(got(w.Warehouses.GetPermissionLevelsByWarehouseId(ctx, id)), got(w.Warehouses.GetPermissionsByWarehouseId(ctx, id)))
			}},
		{kind: "clusters",
			make: func() (string, error) {
				o, err := w.Clusters.CreateAndWait(ctx, compute.CreateCluster{ClusterName: "first", SparkVersion: "16.4.x-scala2.12", NodeTypeId: "i3.xlarge", NumWorkers: 1})
				if err != nil {
					return "", err
				}
				return o.ClusterId, nil
			},
			read: func(id string) (string, error) {
				o, err := w.Clusters.GetByClusterId(ctx, id)
				if err != nil {
					return "", err
				}
				return o.ClusterName, nil
			},
			edit: func(id string) error {
				return errors.Join(got(w.Clusters.DeleteByClusterIdAndWait(ctx, id)), got(w.Clusters.StartByClusterIdAndWait(ctx, id)),
					w.Clusters.PinByClusterId(ctx, id), w.Clusters.UnpinByClusterId(ctx, id),
					got(w.Clusters.EventsAll(ctx, compute.GetEvents{ClusterId: id})),
					got(w.Clusters.ResizeAndWait(ctx, compute.ResizeCluster{ClusterId: id, NumWorkers: 3})),
					got(w.Clusters.EditAndWait(ctx, compute.EditCluster{ClusterId: id, ClusterName: "renamed", SparkVersion: "16.4.x-scala2.12", NumWorkers: 2})))
			},
			remove: func(id string) error { return w.Clusters.PermanentDeleteByClusterId(ctx, id) },
			levels: func(id string) error {
				return errors.Join(got(w.Clusters.GetPermissionLevelsByClusterId(ctx, id)), got(w.Clusters.GetPermissionsByClusterId(ctx, id)))
			}},
		{kind: "cluster-policies",
			make: func() (string, error) {
				o, err := w.ClusterPolicies.Create(ctx, compute.CreatePolicy{Name: "first", Definition: "{}"})
				if err != nil {
					return "", err
				}
				return o.PolicyId, nil
			},
			read: func(id string) (string, error) {
				o, err := w.ClusterPolicies.GetByPolicyId(ctx, id)
				if err != nil {
					return "", err
				}
				return o.Name, nil
			},
			edit: func(id string) error {
				return w.ClusterPolicies.Edit(ctx, compute.EditPolicy{PolicyId: id, Name: "renamed", Definition: "{}"})
			},
			remove: func(id string) error { return w.ClusterPolicies.DeleteByPolicyId(ctx, id) },
			levels: func(id string) error {
				return errors.Join(got(w.ClusterPolicies.GetPermissionLevelsByClusterPolicyId(ctx, id)), got(w.ClusterPolicies.GetPermissionsByClusterPolicyId(ctx, id)))
			}},
		{kind: "instance-pools",
			make: func() (string, error) {
				o, err := w.InstancePools.Create(ctx, compute.CreateInstancePool{InstancePoolName: "first", NodeTypeId: "i3.xlarge"})
				if err != nil {
					return "", err
				}
				return o.InstancePoolId, nil
			},
			read: func(id string) (string, error) {
				o, err := w.InstancePools.GetByInstancePoolId(ctx, id)
				if err != nil {
					return "", err
				}
				return o.InstancePoolName, nil
			},
			edit: func(id string) error {
				return w.InstancePools.Edit(ctx, compute.EditInstancePool{InstancePoolId: id, InstancePoolName: "renamed", NodeTypeId: "i3.xlarge"})
			},
			remove: func(id string) error { return w.InstancePools.DeleteByInstancePoolId(ctx, id) },
			levels: func(id string) error {
				return errors.Join(got(w.InstancePools.GetPermissionLevelsByInstancePoolId(ctx, id)), got(w.InstancePools.GetPermissionsByInstancePoolId(ctx, id)))
			}},
		{kind: "dashboards",
			make: func() (string, error) {
				o, err := w.Lakeview.Create(ctx, dashboards.CreateDashboardRequest{Dashboard: dashboards.Dashboard{DisplayName: "first", SerializedDashboard: "{}"}, DatasetCatalog: "main"})
				if err != nil {
					return "", err
				}
				return o.DashboardId, nil
			},
			read: func(id string) (string, error) {
				o, err := w.Lakeview.GetByDashboardId(ctx, id)
				if err != nil {
					return "", err
				}
				return o.DisplayName, nil
			},
			edit: func(id string) error {
				if err := got(w.Lakeview.Publish(ctx, dashboards.PublishRequest{DashboardId: id, EmbedCredentials: true})); err != nil {
					return err
				}
				if p, err := w.Lakeview.GetPublishedByDashboardId(ctx, id); err != nil || !p.EmbedCredentials {
					return fmt.Errorf("published %v %w", p, err)
				}
				if err := w.Lakeview.UnpublishByDashboardId(ctx, id); err != nil {
					return err
				}
				return got(w.Lakeview.Update(ctx, dashboards.UpdateDashboardRequest{DashboardId: id, Dashboard: dashboards.Dashboard{DisplayName: "renamed"}}))
			},
			remove: func(id string) error { return w.Lakeview.TrashByDashboardId(ctx, id) }},
		{kind: "serving-endpoints",
			make: func() (string, error) {
				o, err := w.ServingEndpoints.CreateAndWait(ctx, serving.CreateServingEndpoint{Name: "first", Config: &serving.EndpointCoreConfigInput{}})
				if err != nil {
					return "", err
				}
				return o.Id, nil
			},
			read: func(string) (string, error) {
				o, err := w.ServingEndpoints.GetByName(ctx, "first")
				if err != nil {
					return "", err
				}
				return o.Name, nil
			},
			fixed: true,
			edit: func(string) error {
				return got(w.ServingEndpoints.UpdateConfigAndWait(ctx, serving.EndpointCoreConfigInput{Name: "first", ServedEntities: []serving.ServedEntityInput{{EntityName: "main.default.m"}}}))
			},
			remove: func(string) error { return w.ServingEndpoints.DeleteByName(ctx, "first") },
			levels: func(id string) error {
				return errors.Join(got(w.ServingEndpoints.GetPermissionLevelsByServingEndpointId(ctx, id)), got(w.ServingEndpoints.GetPermissionsByServingEndpointId(ctx, id)))
			}},
		{kind: "experiments",
			make: func() (string, error) {
				o, err := w.Experiments.CreateExperiment(ctx, ml.CreateExperiment{Name: "/Users/admin@example.com/first"})
				if err != nil {
					return "", err
				}
				return o.ExperimentId, got(w.Experiments.GetByName(ctx, ml.GetByNameRequest{ExperimentName: "/Users/admin@example.com/first"}))
			},
			read: func(id string) (string, error) {
				o, err := w.Experiments.GetExperiment(ctx, ml.GetExperimentRequest{ExperimentId: id})
				if err != nil {
					return "", err
				}
				return strings.TrimPrefix(o.Experiment.Name, "/Users/admin@example.com/"), filled(w.Experiments.SearchExperimentsAll(ctx, ml.SearchExperiments{MaxResults: 5}))
			},
			edit: func(id string) error {
				return w.Experiments.UpdateExperiment(ctx, ml.UpdateExperiment{ExperimentId: id, NewName: "renamed"})
			},
			remove: func(id string) error {
				return w.Experiments.DeleteExperiment(ctx, ml.DeleteExperiment{ExperimentId: id})
			},
			levels: func(id string) error {
				return errors.Join(got(w.Experiments.GetPermissionLevelsByExperimentId(ctx, id)), got(w.Experiments.GetPermissionsByExperimentId(ctx, id)))
			}},
		{kind: "registered-models",
			make: func() (string, error) {
				if err := got(w.ModelRegistry.CreateModel(ctx, ml.CreateModelRequest{Name: "first", Description: "d"})); err != nil {
					return "", err
				}
				o, err := w.ModelRegistry.GetModel(ctx, ml.GetModelRequest{Name: "first"})
				if err != nil {
					return "", err
				}
				return o.RegisteredModelDatabricks.Id, nil
			},
			read: func(string) (string, error) {
				o, err := w.ModelRegistry.GetModel(ctx, ml.GetModelRequest{Name: "first"})
				if err != nil {
					return "", err
				}
				return o.RegisteredModelDatabricks.Name, filled(w.ModelRegistry.SearchModelsAll(ctx, ml.SearchModelsRequest{Filter: "name = 'first'"}))
			},
			fixed: true,
			edit: func(string) error {
				return got(w.ModelRegistry.UpdateModel(ctx, ml.UpdateModelRequest{Name: "first", Description: "e"}))
			},
			remove: func(string) error {
				return w.ModelRegistry.DeleteModel(ctx, ml.DeleteModelRequest{Name: "first"})
			},
			levels: func(id string) error {
				return errors.Join(got(w.ModelRegistry.GetPermissionLevelsByRegisteredModelId(ctx, id)), got(w.ModelRegistry.GetPermissionsByRegisteredModelId(ctx, id)))
			}},
		{kind: "apps",
			make: func() (string, error) {
				o, err := w.Apps.Create(ctx, apps.CreateAppRequest{App: apps.App{Name: "first", Description: "d"}, NoCompute: true})
				if err != nil {
					return "", err
				}
				return o.Response.Name, nil
			},
			read: func(id string) (string, error) {
				o, err := w.Apps.GetByName(ctx, id)
				if err != nil {
					return "", err
				}
				return o.Name, nil
			},
			fixed: true,
			edit: func(id string) error {
				return got(w.Apps.Update(ctx, apps.UpdateAppRequest{Name: id, App: apps.App{Name: id, Description: "e"}}))
			},
			remove: func(id string) error { return got(w.Apps.DeleteByName(ctx, id)) },
			levels: func(id string) error {
				return errors.Join(got(w.Apps.GetPermissionLevelsByAppName(ctx, id)), got(w.Apps.GetPermissionsByAppName(ctx, id)))
			}},
		{kind: "database-instances",
			make: func() (string, error) {
				o, err := w.Database.CreateDatabaseInstance(ctx, database.CreateDatabaseInstanceRequest{DatabaseInstance: database.DatabaseInstance{Name: "first", Capacity: "CU_1"}})
				if err != nil {
					return "", err
				}
				return o.Response.Name, nil
			},
			read: func(id string) (string, error) {
				o, err := w.Database.GetDatabaseInstanceByName(ctx, id)
				if err != nil {
					return "", err
				}
				return o.Name, nil
			},
			fixed: true,
			edit: func(id string) error {
				return got(w.Database.UpdateDatabaseInstance(ctx, database.UpdateDatabaseInstanceRequest{Name: id, UpdateMask: "capacity", DatabaseInstance: database.DatabaseInstance{Name: id, Capacity: "CU_2"}}))
			},
			remove: func(id string) error { return w.Database.DeleteDatabaseInstanceByName(ctx, id) }},
		{kind: "vector-search-endpoints",
			make: func() (string, error) {
				o, err := w.VectorSearchEndpoints.CreateEndpointAndWait(ctx, vectorsearch.CreateEndpoint{Name: "first", EndpointType: vectorsearch.EndpointTypeStandard})
				if err != nil {
					return "", err
				}
				return o.Id, nil
			},
			read: func(string) (string, error) {
				o, err := w.VectorSearchEndpoints.GetEndpointByEndpointName(ctx, "first")
				if err != nil {
					return "", err
				}
				return o.Name, nil
			},
			fixed:  true,
			edit:   func(string) error { return nil },
			remove: func(string) error { return w.VectorSearchEndpoints.DeleteEndpointByEndpointName(ctx, "first") },
			levels: func(id string) error {
				return errors.Join(got(w.VectorSearchEndpoints.GetPermissionLevelsByEndpointId(ctx, id)), got(w.VectorSearchEndpoints.GetPermissionsByEndpointId(ctx, id)))
			}},
		{kind: "queries",
			make: func() (string, error) {
				o, err := w.Queries.Create(ctx, sql.CreateQueryRequest{Query: &sql.CreateQueryRequestQuery{DisplayName: "first", QueryText: "SELECT 1", WarehouseId: "w"}})
				if err != nil {
					return "", err
				}
				return o.Id, nil
			},
			read: func(id string) (string, error) {
				o, err := w.Queries.GetById(ctx, id)
				if err != nil {
					return "", err
				}
				return o.DisplayName, nil
			},
			edit: func(id string) error {
				return got(w.Queries.Update(ctx, sql.UpdateQueryRequest{Id: id, UpdateMask: "display_name", Query: &sql.UpdateQueryRequestQuery{DisplayName: "renamed"}}))
			},
			remove: func(id string) error { return w.Queries.DeleteById(ctx, id) }},
		{kind: "alerts",
			make: func() (string, error) {
				o, err := w.Alerts.Create(ctx, sql.CreateAlertRequest{Alert: &sql.CreateAlertRequestAlert{DisplayName: "first", QueryId: "q"}})
				if err != nil {
					return "", err
				}
				return o.Id, nil
			},
			read: func(id string) (string, error) {
				o, err := w.Alerts.GetById(ctx, id)
				if err != nil {
					return "", err
				}
				return o.DisplayName, nil
			},
			edit: func(id string) error {
				return got(w.Alerts.Update(ctx, sql.UpdateAlertRequest{Id: id, UpdateMask: "display_name", Alert: &sql.UpdateAlertRequestAlert{DisplayName: "renamed"}}))
			},
			remove: func(id string) error { return w.Alerts.DeleteById(ctx, id) }},
		{kind: "alertsv2",
			make: func() (string, error) {
				o, err := w.AlertsV2.CreateAlert(ctx, sql.CreateAlertV2Request{Alert: sql.AlertV2{DisplayName: "first", QueryText: "SELECT 1", WarehouseId: "w"}})
				if err != nil {
					return "", err
				}
				return o.Id, nil
			},
			read: func(id string) (string, error) {
				o, err := w.AlertsV2.GetAlertById(ctx, id)
				if err != nil {
					return "", err
				}
				return o.DisplayName, nil
			},
			edit: func(id string) error {
				return got(w.AlertsV2.UpdateAlert(ctx, sql.UpdateAlertV2Request{Id: id, UpdateMask: "display_name", Alert: sql.AlertV2{DisplayName: "renamed"}}))
			},
			remove: func(id string) error { return w.AlertsV2.TrashAlertById(ctx, id) }},
		{kind: "genie",
			make: func() (string, error) {
				o, err := w.Genie.CreateSpace(ctx, dashboards.GenieCreateSpaceRequest{Title: "first", SerializedSpace: "{}", WarehouseId: "w"})
				if err != nil {
					return "", err
				}
				return o.SpaceId, nil
			},
			read: func(id string) (string, error) {
				o, err := w.Genie.GetSpace(ctx, dashboards.GenieGetSpaceRequest{SpaceId: id})
				if err != nil {
					return "", err
				}
				return o.Title, nil
			},
			edit: func(id string) error {
				return got(w.Genie.UpdateSpace(ctx, dashboards.GenieUpdateSpaceRequest{SpaceId: id, Title: "renamed"}))
			},
			remove: func(id string) error { return w.Genie.TrashSpace(ctx, dashboards.GenieTrashSpaceRequest{SpaceId: id}) }},
		{kind: "repos",
			make: func() (string, error) {
				o, err := w.Repos.Create(ctx, workspace.CreateRepoRequest{Url: "https://example.com/first.git", Provider: "gitHub"})
				if err != nil {
					return "", err
				}
				return fmt.Sprint(o.Id), nil
			},
			read: func(id string) (string, error) {
				o, err := w.Repos.GetByRepoId(ctx, number(id))
				if err != nil {
					return "", err
				}
				return strings.TrimPrefix(o.Path, "/Repos/admin@example.com/"), nil
			},
			fixed: true,
			edit: func(id string) error {
				return w.Repos.Update(ctx, workspace.UpdateRepoRequest{RepoId: number(id), Branch: "main"})
			},
			remove: func(id string) error { return w.Repos.DeleteByRepoId(ctx, number(id)) },
			levels: func(id string) error {
				return errors.Join(got(w.Repos.GetPermissionLevelsByRepoId(ctx, id)), got(w.Repos.GetPermissionsByRepoId(ctx, id)))
			}},
		{kind: "directories",
			make: func() (string, error) {
				if err := w.Workspace.MkdirsByPath(ctx, "/Shared/first"); err != nil {
					return "", err
				}
				o, err := w.Workspace.GetStatusByPath(ctx, "/Shared/first")
				if err != nil {
					return "", err
				}
				return fmt.Sprint(o.ObjectId), nil
			},
			read: func(string) (string, error) {
				o, err := w.Workspace.GetStatusByPath(ctx, "/Shared/first")
				if err != nil {
					return "", err
				}
				return strings.TrimPrefix(o.Path, "/Shared/"), nil
			},
			fixed: true,
			edit:  func(string) error { return nil },
			remove: func(string) error {
				return w.Workspace.Delete(ctx, workspace.Delete{Path: "/Shared/first", Recursive: true})
			},
			levels: func(id string) error {
				return errors.Join(got(w.Workspace.GetPermissionLevelsByWorkspaceObjectTypeAndWorkspaceObjectId(ctx, "directories", id)),
					got(w.Workspace.GetPermissionsByWorkspaceObjectTypeAndWorkspaceObjectId(ctx, "directories", id)))
			}},
	}
}

// Every type of object that has an ACL can be made, found, changed and deleted by
// the service of its type, and its ACL answers to both services.
func TestSDKLivesOfObjects(t *testing.T) {
	_, w := startDefault(t)
	ctx := t.Context()
	for _, o := range objectLives(ctx, w) {
		t.Run(o.kind, func(t *testing.T) {
			id, err := o.make()
			if err != nil || id == "" {
				t.Fatalf("make %q: %v", id, err)
			}
			if name, err := o.read(id); err != nil || name != "first" {
				t.Fatalf("read %q: %v", name, err)
			}
			if o.levels != nil {
				if err := o.levels(id); err != nil {
					t.Fatal(err)
				}
			}
			shareWithAGroup(t, w, o.kind, id)
			if err := o.edit(id); err != nil {
				t.Fatalf("edit: %v", err)
			}
			want := "renamed"
			if o.fixed {
				want = "first"
			}
			if name, err := o.read(id); err != nil || name != want {
				t.Errorf("read after the edit %q: %v", name, err)
			}
			if err := o.remove(id); err != nil {
				t.Fatalf("remove: %v", err)
			}
			if _, err := o.read(id); !errors.Is(err, apierr.ErrNotFound) {
				t.Errorf("read after the deletion: %v, want not found", err)
			}
		})
	}
}

// shareWithAGroup gives a group the weakest level by the generic service, and
// takes it away with a PUT of what was there before, as clients do.
func shareWithAGroup(t *testing.T, w *databricks.WorkspaceClient, kind, id string) {
	t.Helper()
	ctx := t.Context()
	levels, err := w.Permissions.GetPermissionLevels(ctx, iam.GetPermissionLevelsRequest{RequestObjectType: kind, RequestObjectId: id})
	if err != nil || len(levels.PermissionLevels) == 0 {
		t.Fatalf("levels %v: %v", levels, err)
	}
	var before []iam.AccessControlRequest
	have, err := w.Permissions.Get(ctx, iam.GetPermissionRequest{RequestObjectType: kind, RequestObjectId: id})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range have.AccessControlList {
		for _, p := range e.AllPermissions {
			if !p.Inherited {
				before = append(before, iam.AccessControlRequest{UserName: e.UserName, GroupName: e.GroupName, PermissionLevel: p.PermissionLevel})
			}
		}
	}
	weakest := levels.PermissionLevels[0].PermissionLevel
	entry := iam.AccessControlRequest{GroupName: "data-engineers", PermissionLevel: weakest}
	after, err := w.Permissions.Update(ctx, iam.UpdateObjectPermissions{RequestObjectType: kind, RequestObjectId: id, AccessControlList: []iam.AccessControlRequest{entry}})
	if err != nil || !strings.Contains(levelsOf(after), "data-engineers "+string(weakest)) {
		t.Fatalf("after PATCH %s: %v", levelsOf(after), err)
	}
	after, err = w.Permissions.Set(ctx, iam.SetObjectPermissions{RequestObjectType: kind, RequestObjectId: id, AccessControlList: before})
	if err != nil || levelsOf(after) != levelsOf(have) {
		t.Errorf("after PUT %s: %v, want %s", levelsOf(after), err, levelsOf(have))
	}
}

func levelsOf(p *iam.ObjectPermissions) string {
	if p == nil {
		return ""
	}
	return levels(p.AccessControlList)
}
