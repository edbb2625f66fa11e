# In: what is planned. Out: what a run says of itself: first what it will do, of each job that it is done, last where the
# results are. A job's files and command are told by `snakemake -n`, by `--printshellcmds`, and where it fails.
import time

from snakemake_interface_logger_plugins.common import LogEvent

import regssl

STARTED = time.time()

if workflow.is_main_process:
    planned = {"datasets": PROJECT.datasets, "networks": CONFIG.run_models, "methods": CONFIG.run_methods}
    counts = ", ".join(f"{name}: {len(ids)}" for name, ids in planned.items())
    print(
        f"regssl {regssl.__version__}: {counts}; results in {RESULTS}, the log of each job in {RESULTS}/logs",
        file=sys.stderr,
    )


onstart:
    if not workflow.output_settings.printshellcmds:
        logger.addFilter(lambda record: getattr(record, "event", None) is not LogEvent.JOB_INFO)
    # Snakemake's default limit of jobs a second is for clusters. Each job leaves a timer that asks, once a second to the
    # end, what can run: after an hour of many jobs that is a tenth of a core, and the last timers outlive the last job.
    limit = workflow.scheduling_settings.max_jobs_per_timespan
    if workflow.local_exec and limit and (limit.max_jobs, limit.timespan) == (100, 1):
        workflow.scheduler.job_rate_limiter = None


onsuccess:
    page = f"{RESULTS}/index.html"
    if os.path.exists(page) and os.path.getmtime(page) >= STARTED:
        print(f"regssl: all results on one page: {os.path.abspath(page)}", file=sys.stderr)
