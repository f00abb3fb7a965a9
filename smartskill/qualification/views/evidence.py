"""Evidence files over HTTP: up as multipart, down as an attachment that no browser renders."""

from io import BytesIO

from flask import request, send_file, url_for
from flask.views import MethodView

from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.errors import Invalid
from smartskill.kit.transaction import commit
from smartskill.qualification.schemas import EvidenceSchema, EvidenceUploadSchema
from smartskill.qualification.services.evidence import (
    attach_evidence,
    get_evidence,
    read_evidence,
    remove_evidence,
)
from smartskill.qualification.services.held import get_qualification
from smartskill.qualification.views.held import load_to_write

BYTES = "application/octet-stream"

evidence = Blueprint(
    "qualification_evidence",
    __name__,
    url_prefix="/api/qualification",
    description="Files that show a qualification.",
)


def _refuse_other_parts() -> None:
    """One file and nothing else: a second would be dropped in silence."""
    if request.form or len(request.files.getlist("file")) > 1:
        raise Invalid(errors={name: ["Unknown field."] for name in request.form} or {"file": ["Give one file."]})


@evidence.route("/<id:qualification_id>/evidence")
class EvidenceFiles(MethodView):
    @evidence.login_required()
    @evidence.response(200, EvidenceSchema(many=True))
    @evidence.doc(operationId="listEvidence")
    def get(self, qualification_id):
        """List the evidence of a qualification"""
        return get_qualification(qualification_id, current_user()).evidence_files

    @evidence.login_required()
    @evidence.arguments(EvidenceUploadSchema, location="files")
    @evidence.response(200, EvidenceSchema, created=True)
    @evidence.doc(operationId="addEvidence")
    def post(self, files, qualification_id):
        """Add a file as evidence

        A PDF, PNG or JPEG; which it is, its bytes say. Ten files at most.
        """
        _refuse_other_parts()
        row, given = load_to_write(qualification_id), files["file"]
        file = attach_evidence(row, given.filename or "", given.read())
        commit()
        place = url_for(".EvidenceFile", qualification_id=row.id, evidence_id=file.id)
        return file, 200, {"Location": place}


@evidence.route("/<id:qualification_id>/evidence/<id:evidence_id>")
class EvidenceFile(MethodView):
    @evidence.login_required(produces=BYTES)
    @evidence.response(200, {"type": "string", "format": "binary"}, content_type=BYTES)
    @evidence.doc(operationId="downloadEvidence")
    def get(self, qualification_id, evidence_id):
        """Download a file of evidence

        Always as an attachment of plain bytes; its media type is in the list.
        """
        file = get_evidence(get_qualification(qualification_id, current_user()), evidence_id)
        content = BytesIO(read_evidence(file))
        response = send_file(content, mimetype=BYTES, as_attachment=True, download_name=file.file_name, max_age=0)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "private, no-store"
        return response

    @evidence.login_required()
    @evidence.response(200, EvidenceSchema)
    @evidence.doc(operationId="deleteEvidence")
    def delete(self, qualification_id, evidence_id):
        """Delete a file of evidence

        What was reviewed with it becomes a draft again.
        """
        file = remove_evidence(load_to_write(qualification_id), evidence_id)
        commit()
        return file
