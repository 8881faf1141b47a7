"""What the org tells of its objects: the global list, one object's describe, in the shape of the real replies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.salesforce_schema import NUMBERS, TEXTS, Field, Sobject

SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
}
MASTER_RECORD_TYPE = "012000000000000AAA"
NAME_FIELDS = {"Name", "Subject", "CaseNumber", "MasterLabel"}
# Constant in every field of every recorded describe of these objects.
_FIELD_CONSTANTS: Mapping[str, Any] = {
    "aiPredictionField": False,
    "autoNumber": False,
    "calculated": False,
    "calculatedFormula": None,
    "cascadeDelete": False,
    "compoundFieldName": None,
    "controllerName": None,
    "defaultValueFormula": None,
    "dependentPicklist": False,
    "deprecatedAndHidden": False,
    "displayLocationInDecimal": False,
    "encrypted": False,
    "extraTypeInfo": None,
    "filteredLookupInfo": None,
    "formulaTreatNullNumberAsZero": False,
    "highScaleNumber": False,
    "htmlFormatted": False,
    "inlineHelpText": None,
    "mask": None,
    "maskType": None,
    "queryByDistance": False,
    "referenceTargetField": None,
    "relationshipOrder": None,
    "restrictedDelete": False,
    "searchPrefilterable": False,
    "writeRequiresMasterRead": False,
}
_OBJECT_CONSTANTS: Mapping[str, Any] = {
    "activateable": False,
    "associateEntityType": None,
    "associateParentEntity": None,
    "customSetting": False,
    "deepCloneable": False,
    "deprecatedAndHidden": False,
    "feedEnabled": False,
    "hasSubtypes": False,
    "isInterface": False,
    "isSubtype": False,
    "layoutable": True,
    "mruEnabled": True,
    "queryable": True,
    "retrieveable": True,
    "searchable": True,
    "triggerable": True,
}
_DESCRIBE_CONSTANTS: Mapping[str, Any] = {
    "actionOverrides": [],
    "compactLayoutable": True,
    "defaultImplementation": None,
    "extendedBy": None,
    "extendsInterfaces": None,
    "implementedBy": None,
    "implementsInterfaces": None,
    "listviewable": None,
    "lookupLayoutable": None,
    "namedLayoutInfos": [],
    "networkScopeFieldName": None,
    "searchLayoutable": True,
    "sobjectDescribeOption": "FULL",
    "supportedScopes": [{"label": "Everything", "name": "everything"}, {"label": "Mine", "name": "mine"}],
}


def describe_global(objects: Mapping[str, Sobject], base: str) -> dict[str, Any]:
    """`base` is the path of the version, as `/services/data/v66.0`."""
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [summary(each, base) for each in objects.values()]}


def summary(sobject: Sobject, base: str) -> dict[str, Any]:
    """One object as the global describe lists it."""
    here = f"{base}/sobjects/{sobject.name}"
    replicated = "IsDeleted" in sobject.fields or sobject.name == "User"
    return {
        **_OBJECT_CONSTANTS,
        "createable": sobject.writeable,
        "custom": False,
        "deletable": sobject.deletable,
        "keyPrefix": sobject.prefix,
        "label": _words(sobject.name),
        "labelPlural": _plural(_words(sobject.name)),
        "mergeable": "MasterRecordId" in sobject.fields,
        "name": sobject.name,
        "replicateable": replicated,
        "undeletable": "IsDeleted" in sobject.fields and not sobject.vanishes,
        "updateable": sobject.writeable,
        "urls": {
            "rowTemplate": f"{here}/{{ID}}",
            "describe": f"{here}/describe",
            "layouts": f"{here}/describe/layouts",
            "compactLayouts": f"{here}/describe/compactLayouts",
            "sobject": here,
        },
    }


def describe(sobject: Sobject, objects: Mapping[str, Sobject], base: str) -> dict[str, Any]:
    layout = f"{base}/sobjects/{sobject.name}/describe/layouts/{MASTER_RECORD_TYPE}"
    master = {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "master": True,
        "name": "Master",
        "recordTypeId": MASTER_RECORD_TYPE,
        "urls": {"layout": layout},
    }
    return {
        **summary(sobject, base),
        **_DESCRIBE_CONSTANTS,
        "childRelationships": [
            {
                "cascadeDelete": False,
                "childSObject": child.name,
                "deprecatedAndHidden": False,
                "field": field.name,
                "junctionIdListNames": [],
                "junctionReferenceTo": [],
                "relationshipName": None,
                "restrictedDelete": False,
            }
            for child in objects.values()
            for field in child.fields.values()
            if sobject.name in field.refers_to
        ],
        "fields": [_field(each) for each in sobject.fields.values()],
        "recordTypeInfos": [master],
    }


def _field(field: Field) -> dict[str, Any]:
    name_field = field.name in NAME_FIELDS and field.type in {"string", "combobox"}
    return {
        **_FIELD_CONSTANTS,
        "aggregatable": field.filterable and field.type != "boolean",
        "byteLength": field.length * (3 if field.type in TEXTS else 1),
        "caseSensitive": field.sensitive,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": False if field.type == "boolean" else None,
        "defaultedOnCreate": field.defaulted,
        "digits": 8 if field.type == "int" else 0,
        "externalId": field.external_id,
        "filterable": field.filterable,
        "groupable": field.filterable and field.type not in {"datetime", "multipicklist", *NUMBERS - {"int"}},
        "idLookup": field.id_lookup,
        "label": field.label,
        "length": field.length,
        "name": field.name,
        "nameField": name_field,
        "namePointing": field.polymorphic,
        "nillable": field.nillable,
        "permissionable": field.nillable and (field.createable or field.updateable),
        "picklistValues": [
            {"active": True, "defaultValue": value == field.default, "label": value, "validFor": None, "value": value}
            for value in field.choices
            if field.type in {"picklist", "multipicklist", "combobox"}
        ],
        "polymorphicForeignKey": field.polymorphic,
        "precision": field.precision,
        "referenceTo": list(field.refers_to),
        "relationshipName": field.relationship,
        "restrictedPicklist": field.restricted,
        "scale": field.scale,
        "soapType": SOAP_TYPES.get(field.type, "xsd:string"),
        "sortable": field.sortable,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable,
    }


def _words(name: str) -> str:
    return "".join(" " + char if char.isupper() else char for char in name).strip()


def _plural(label: str) -> str:
    return label.removesuffix("y") + "ies" if label.endswith("y") else label + "s"
