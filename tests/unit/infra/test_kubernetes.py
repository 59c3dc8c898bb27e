import pytest
import yaml

from gateway.settings import Settings
from infra.packaging import ROOT

FOLDER = ROOT / "infra" / "kubernetes"
OURS = {"ServingRuntime", "InferenceService", "Service.serving.knative.dev"}


def kind(document):
    """The kind, and for Knative's Service, which is not Kubernetes' own, its group too."""
    group, slash, _ = document["apiVersion"].partition("/")
    return f"Service.{group}" if document["kind"] == "Service" and slash else document["kind"]


def pods(documents):
    """The pod templates of KServe's runtime and Knative's service."""
    service = only(documents, "Service.serving.knative.dev")
    return only(documents, "ServingRuntime")["spec"], service["spec"]["template"]["spec"]


@pytest.fixture(scope="module")
def kustomization():
    return yaml.safe_load((FOLDER / "kustomization.yaml").read_text())


@pytest.fixture(scope="module")
def documents(kustomization):
    files = [FOLDER / name for name in kustomization["resources"]]
    return [document for file in files for document in yaml.safe_load_all(file.read_text())]


def only(documents, wanted, name=None):
    (found,) = (item for item in documents if kind(item) == wanted and name in (None, item["metadata"]["name"]))
    return found


def test_core_kinds_are_valid(documents):
    validator = pytest.importorskip("kubernetes_validate")
    core = [document for document in documents if kind(document) not in OURS]
    assert {kind(document) for document in core} == {"Namespace", "ServiceAccount", "NetworkPolicy"}
    for document in core:
        validator.validate(document, "1.33", strict=True)


def test_pods_of_knative_and_kserve_are_valid_pods(documents):
    """A pod template of theirs is Kubernetes' own, but for the fields that only they know."""
    validator = pytest.importorskip("kubernetes_validate")
    for spec in pods(documents):
        extra = {"supportedModelFormats", "containerConcurrency", "timeoutSeconds"}
        pod = {key: value for key, value in spec.items() if key not in extra}
        validator.validate({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": pod}, "1.33", strict=True)


def test_everything_is_listed_and_in_one_namespace(documents, kustomization):
    listed = {*kustomization["resources"], "kustomization.yaml"}
    assert {file.name for file in FOLDER.glob("*.yaml")} == listed
    assert all(item["metadata"].get("namespace", item["metadata"]["name"]) == "medsift" for item in documents)


def test_every_image_is_placed_by_the_kustomization(documents, kustomization):
    used = {container["image"] for spec in pods(documents) for container in spec["containers"]}
    assert {image["name"] for image in kustomization["images"]} == used
    assert all(image["newTag"] != "latest" for image in kustomization["images"])


def test_pods_run_without_root_and_without_privileges(documents):
    for spec in pods(documents):
        for container in spec["containers"]:
            context = container["securityContext"]
            assert context["runAsNonRoot"]
            assert context["readOnlyRootFilesystem"]
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["limits"]["memory"]


def test_the_networks_have_a_gpu_and_may_sleep(documents):
    service = only(documents, "InferenceService")
    runtime = only(documents, "ServingRuntime")
    predictor = service["spec"]["predictor"]
    assert predictor["minReplicas"] == 0
    assert predictor["model"]["runtime"] == runtime["metadata"]["name"]
    assert predictor["model"]["modelFormat"]["name"] in {known["name"] for known in runtime["spec"]["supportedModelFormats"]}
    (container,) = runtime["spec"]["containers"]
    assert container["name"] == "kserve-container"  # the name that KServe looks for
    assert container["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert service["metadata"]["labels"]["networking.knative.dev/visibility"] == "cluster-local"


def test_only_the_gateway_reaches_torchserve_s_port(documents):
    policy = only(documents, "NetworkPolicy", "inference")["spec"]
    labels = only(documents, "InferenceService")["spec"]["predictor"]["labels"]
    assert policy["podSelector"]["matchLabels"].items() <= labels.items()
    gateway = only(documents, "Service.serving.knative.dev")["spec"]["template"]["metadata"]["labels"]
    for rule in policy["ingress"]:
        ports = {port["port"] for port in rule["ports"]}
        assert 8080 not in ports or rule["from"] == [{"podSelector": {"matchLabels": gateway}}]
    open_ports = {port["port"]: rule["from"] for rule in policy["ingress"] for port in rule["ports"]}
    assert set(open_ports) == {8080, 8012, 8112, 9090}
    (activator,) = open_ports[8012]
    assert activator["podSelector"]["matchLabels"] == {"app": "activator"}
    assert activator["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "knative-serving"}
    assert only(documents, "NetworkPolicy", "nothing-in")["spec"] == {"podSelector": {}, "policyTypes": ["Ingress"]}


def test_requests_go_by_way_of_the_activator_that_the_policy_lets_in(documents):
    annotations = only(documents, "InferenceService")["spec"]["predictor"]["annotations"]
    assert annotations["autoscaling.knative.dev/target-burst-capacity"] == "-1"


def test_the_gateway_s_settings_exist_and_lead_to_the_predictor(documents):
    (container,) = only(documents, "Service.serving.knative.dev")["spec"]["template"]["spec"]["containers"]
    settings = {item["name"]: item["value"] for item in container["env"] if item["name"].startswith("MEDSIFT_")}
    assert set(settings) <= {f"MEDSIFT_{name.upper()}" for name in Settings.model_fields}
    assert settings["MEDSIFT_INFERENCE_URL"] == "http://medsift-predictor.medsift.svc.cluster.local"


def test_secrets_come_from_a_file_that_is_not_in_the_repository(documents, kustomization):
    (secret,) = kustomization["secretGenerator"]
    (file,) = secret["envs"]
    assert file in (FOLDER / ".gitignore").read_text().split()
    assert (FOLDER / f"{file}.example").is_file()
    account = only(documents, "ServiceAccount", "medsift-inference")
    assert account["secrets"] == [{"name": secret["name"]}]
    assert not [item for item in documents if item["kind"] == "Secret"]
