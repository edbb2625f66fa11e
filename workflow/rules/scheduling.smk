# How often Snakemake asks which jobs can run. Its limit of jobs a second makes every job that ends begin a row of
# questions that never ends (JobScheduler.schedule), and a run end late by the time between them. Where the jobs run on
# this machine its cores are limit enough.
if workflow.local_exec and workflow.scheduling_settings:
    workflow.scheduling_settings.max_jobs_per_timespan = None
