"""The examples of scheduled syncs: that they are YAML, and ask for what the container can give."""

import pathlib
import re

import yaml

EXAMPLES = pathlib.Path(__file__).parent / "examples"


class Strict(yaml.SafeLoader):
    """Refuses keys that come twice, of which YAML readers take the last."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a key twice: {keys}{node.start_mark}"
        return super().construct_mapping(node, deep)


def read(name):
    return list(yaml.load_all((EXAMPLES / name).read_text(), Strict))


def container(of):
    return of["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def is_safe(job, pod):
    (only,) = pod["containers"]
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    assert pod["restartPolicy"] == "Never" and pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True and pod["securityContext"]["runAsUser"] == 65534
    assert only["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    volumes = {volume["name"] for volume in pod["volumes"]}
    assert {mount["name"] for mount in only["volumeMounts"]} == volumes, "mounts and volumes"


def cron_job():
    (account, secret, *jobs) = read("cronjob.yaml")
    assert (account["kind"], secret["kind"]) == ("ServiceAccount", "Secret")
    assert {job["kind"] for job in jobs} == {"CronJob"}
    for job in jobs:
        pod = container(job)
        is_safe(job, pod)
        for source in pod["containers"][0].get("envFrom", []):
            assert source["secretRef"]["name"] == secret["metadata"]["name"]
        assert pod["serviceAccountName"] == account["metadata"]["name"]
        assert pod["containers"][0]["args"][0] in ("sync", "lake")
    (sync,) = [job for job in jobs if container(job)["containers"][0]["args"][0] == "sync"]
    (token,) = [volume for volume in container(sync)["volumes"] if "projected" in volume]
    assert token["projected"]["sources"][0]["serviceAccountToken"]["audience"] == "iam"


def workflow():
    (flow,) = read("workflow.yml")
    # YAML 1.1 reads `on` as a truth value.
    assert list(flow[True]) == ["schedule", "workflow_dispatch"]
    assert flow["permissions"] == {}
    for job in flow["jobs"].values():
        for step in job["steps"]:
            assert "uses" not in step or re.search(r"@[0-9a-f]{40}$", step["uses"]), "an action without its commit"
            assert "${{" not in step.get("run", ""), "an expression in a shell script"


def crontab():
    lines = [line for line in (EXAMPLES / "crontab").read_text().splitlines() if line and line[0] != "#"]
    jobs = [line.split(None, 5) for line in lines if not re.match(r"[A-Z]+=", line)]
    assert jobs and all(re.fullmatch(r"[-0-9*/,]+", field) for job in jobs for field in job[:5])
    assert all("%" not in job[5] for job in jobs), "a percent sign ends the command of a crontab"


cron_job()
workflow()
crontab()
print("the examples are in order")
