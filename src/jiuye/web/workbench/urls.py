from django.urls import path

from jiuye.web.workbench import (
    cases,
    decisions,
    duplicates,
    employers,
    outreach,
    people,
    queue,
    recoveries,
    replays,
    runs,
    tasks,
)

app_name = "workbench"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("cases/<uuid:case_id>/", cases.case, name="case"),
    path("cases/<uuid:case_id>/act/", cases.act, name="case_act"),
    path("cases/<uuid:case_id>/number/", cases.unmask, name="unmask"),
    path("decisions/<uuid:decision_id>/", decisions.sign, name="sign"),
    path("decisions/<uuid:decision_id>/replay/", replays.replay, name="replay"),
    path("tasks/", tasks.tasks, name="tasks"),
    path("tasks/<uuid:task_id>/", tasks.task, name="task"),
    path("people/", people.search, name="people"),
    path("people/<uuid:person_id>/", people.person, name="person"),
    path("outreach/", outreach.outreach, name="outreach"),
    path("outreach/nights/", outreach.nights, name="outreach_nights"),
    path("outreach/nights/<str:day>/", outreach.night, name="outreach_night"),
    path("outreach/<uuid:outreach_id>/", outreach.outreach_one, name="outreach_one"),
    path("employer-cases/", employers.employer_cases, name="employer_cases"),
    path("employer-cases/<uuid:case_id>/", employers.employer_case, name="employer_case"),
    path("employer-decisions/<uuid:decision_id>/", employers.sign, name="employer_sign"),
    path("duplicates/", duplicates.duplicates, name="duplicates"),
    path("duplicates/<uuid:proposal_id>/", duplicates.duplicate, name="duplicate"),
    path("merges/<uuid:merge_id>/undo/", duplicates.undo, name="undo_merge"),
    path("runs/", runs.runs, name="runs"),
    path("runs/<uuid:run_id>/", runs.run, name="run"),
    path("runs/<uuid:run_id>/act/", runs.act, name="run_act"),
    path("recoveries/", recoveries.recoveries, name="recoveries"),
    path("recoveries/<uuid:overpayment_id>/", recoveries.recovery, name="recovery"),
]
