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


onsuccess:
    page = f"{RESULTS}/index.html"
    if os.path.exists(page) and os.path.getmtime(page) >= STARTED:
        print(f"regssl: all results on one page: {os.path.abspath(page)}", file=sys.stderr)
