"""Files of people's skills over HTTP: handed in, looked at, told what they mean, run, forgotten."""

from flask import Response, url_for
from flask.views import MethodView

from smartskill.exchange.schemas.files import (
    ImportFormSchema,
    ImportItemSchema,
    ImportListQuery,
    ImportRunSchema,
    ImportSchema,
    MappingSchema,
)
from smartskill.exchange.services.files.imports import (
    change_mapping,
    describe,
    forget_import,
    get_import,
    run_again,
    search_imports,
    start_import,
)
from smartskill.exchange.services.files.rejects import make_rejects
from smartskill.exchange.views.parts import PARTS, PartsBlueprint
from smartskill.kit.access import current_user
from smartskill.kit.pagination import page_of
from smartskill.kit.transaction import commit

CSV = "text/csv"
imports = PartsBlueprint("imports", __name__, url_prefix="/api/imports", description="Files that you already have.")


@imports.route("/")
class Imports(MethodView):
    @imports.login_required()
    @imports.arguments(ImportListQuery, location="query")
    @imports.listing(ImportSchema)
    @imports.doc(operationId="listImports")
    def get(self, query):
        """List imports

        One's own; HR sees all.
        """
        return page_of(search_imports(query, current_user()), query)

    @imports.login_required()
    @imports.arguments(ImportFormSchema, location=PARTS)
    @imports.response(202, ImportItemSchema, created=True)
    @imports.doc(operationId="startImport")
    def post(self, form):
        """Hand in a file

        About oneself: a LinkedIn export (zip), a YAMLResume, a JSON Resume. HR: CSV or XLSX with people in rows and
        skills in columns, or a row for each level; Odoo's `hr.employee.skill` and `hr.resume.line`; OrangeHRM's
        employees and skills; lists of experience; lists of skills for the catalogue. What it is, its content says.
        Unless `dry_run=false` it is only looked at: read the import for the preview, correct the mapping, then run it.
        All or nothing, unless `skip_errors`. The same file twice changes nothing.
        """
        me, given = current_user(), form.pop("file")
        row = start_import(given.filename or "", given.read(), form, by=me, owner=me)
        commit()
        return describe(row), 202, {"Location": url_for(".Import", import_id=row.id)}


@imports.route("/<id:import_id>")
class Import(MethodView):
    @imports.login_required()
    @imports.response(200, ImportItemSchema)
    @imports.doc(operationId="getImport")
    def get(self, import_id):
        """Read an import

        How far it is; how the file was understood: each column and its meaning with a confidence, people and skills
        that nobody and nothing here is called; what would be or was done; the first rows at fault.
        """
        return describe(get_import(import_id, current_user()))

    @imports.login_required()
    @imports.response(200, ImportSchema)
    @imports.doc(operationId="forgetImport")
    def delete(self, import_id):
        """Forget an import

        The file and what was kept of its rows go; one that is under way stops and writes nothing. What it wrote stays.
        """
        row = forget_import(get_import(import_id, current_user(), is_locked=True))
        commit()
        return row


@imports.route("/<id:import_id>/mapping")
class ImportMapping(MethodView):
    @imports.login_required()
    @imports.arguments(MappingSchema)
    @imports.response(202, ImportItemSchema)
    @imports.doc(operationId="mapImport")
    def put(self, mapping, import_id):
        """Say what a file means

        The whole mapping; what it leaves out is guessed. The file is looked at anew, nothing is written.
        """
        row = change_mapping(get_import(import_id, current_user(), is_locked=True), mapping, by=current_user())
        commit()
        return describe(row), 202


@imports.route("/<id:import_id>/run")
class ImportRun(MethodView):
    @imports.login_required()
    @imports.arguments(ImportRunSchema)
    @imports.response(202, ImportItemSchema)
    @imports.doc(operationId="runImport")
    def post(self, options, import_id):
        """Write a file that was looked at

        All or nothing, unless `skip_errors`. Running it again does no harm.
        """
        row = run_again(get_import(import_id, current_user(), is_locked=True), options, by=current_user())
        commit()
        return describe(row), 202


@imports.route("/<id:import_id>/rejects")
class ImportRejects(MethodView):
    @imports.login_required(produces=CSV)
    @imports.response(200, {"type": "string", "format": "binary"}, content_type=CSV)
    @imports.doc(operationId="downloadRejects")
    def get(self, import_id):
        """Download the refused rows

        A CSV file in the file's own columns, and beside each row why it was refused: correct it and hand it in.
        """
        row = get_import(import_id, current_user())
        response = Response("".join(make_rejects(row)), mimetype=CSV)
        response.headers["Content-Disposition"] = f'attachment; filename="rejects-{row.id}.csv"'
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "private, no-store"
        return response
