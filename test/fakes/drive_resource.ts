import { checkFields, type Mask, parseFields, pickFields } from "./drive_fields.ts";
import { mayWrite } from "./drive_rules.ts";
import { type DriveFile, type DriveStore, FOLDER_TYPE } from "./drive_store.ts";

/** Every field of a v3 file resource: a mask may name them all, though this Drive has but some. */
const FILE_FIELDS = new Set(
  `kind id name mimeType description starred trashed explicitlyTrashed trashingUser trashedTime parents properties
  appProperties spaces version webContentLink webViewLink iconLink hasThumbnail thumbnailLink thumbnailVersion viewedByMe
  viewedByMeTime createdTime modifiedTime modifiedByMeTime modifiedByMe sharedWithMeTime sharingUser owners teamDriveId
  driveId lastModifyingUser shared ownedByMe capabilities viewersCanCopyContent copyRequiresWriterPermission
  writersCanShare permissions permissionIds hasAugmentedPermissions folderColorRgb originalFilename fullFileExtension
  fileExtension md5Checksum sha1Checksum sha256Checksum size quotaBytesUsed headRevisionId contentHints
  imageMediaMetadata videoMediaMetadata isAppAuthorized exportLinks shortcutDetails contentRestrictions labelInfo
  resourceKey linkShareMetadata inheritedPermissionsDisabled downloadRestrictions`.split(/\s+/),
);
const LIST_FIELDS = new Set(["kind", "nextPageToken", "incompleteSearch", "files"]);
const USUAL_FILE: Mask = parseFields("kind,id,name,mimeType");

export type FilePresenter = (file: DriveFile) => unknown;

/** Reads the mask of an answer that is one file; refuses fields that no file has. */
export function filePresenter(store: DriveStore, linkUrl: string, fields: string | null): FilePresenter {
  const mask = fields ? parseFields(fields) : USUAL_FILE;
  checkFields(mask, FILE_FIELDS);
  return (file) => pickFields(resourceOf(store, linkUrl, file), mask);
}

/** Reads the mask of a list; the answer's `files` come after. */
export function listPresenter(store: DriveStore, linkUrl: string, fields: string | null) {
  const mask: Mask = fields ? parseFields(fields) : new Map([...LIST_FIELDS].map((name) => [name, null]));
  checkFields(mask, LIST_FIELDS);
  const below = mask?.get("files") ?? null;
  checkFields(below, FILE_FIELDS);
  const fileMask = fields ? below : USUAL_FILE;
  return (files: DriveFile[], nextPageToken: string | undefined) => {
    const shown = files.map((file) => pickFields(resourceOf(store, linkUrl, file), fileMask));
    const list = { kind: "drive#fileList", incompleteSearch: false, nextPageToken, files: shown };
    return pickFields(list, mask && new Map([...mask.keys()].map((name) => [name, null])));
  };
}

function resourceOf(store: DriveStore, linkUrl: string, file: DriveFile): Record<string, unknown> {
  const isFolder = file.mimeType === FOLDER_TYPE;
  const isShared = store.isInSharedDrive(file);
  const canEdit = mayWrite(store, file);
  const content = {
    size: String(file.size),
    quotaBytesUsed: String(file.size),
    md5Checksum: file.md5,
    originalFilename: file.name,
    headRevisionId: `0B${file.id.slice(1, 12)}v${file.version}`,
    webContentLink: `${linkUrl}uc?id=${file.id}&export=download`,
  };
  return {
    kind: "drive#file",
    id: file.id,
    name: file.name,
    mimeType: file.mimeType,
    ...(file.description && { description: file.description }),
    starred: false,
    trashed: store.isTrashed(file),
    explicitlyTrashed: file.trashed,
    ...(file.parents.length > 0 && { parents: file.parents }),
    ...(Object.keys(file.properties).length > 0 && { properties: file.properties }),
    ...(Object.keys(file.appProperties).length > 0 && { appProperties: file.appProperties }),
    spaces: ["drive"],
    version: String(file.version),
    webViewLink: isFolder ? `${linkUrl}drive/folders/${file.id}` : `${linkUrl}file/d/${file.id}/view?usp=drivesdk`,
    createdTime: file.createdTime,
    modifiedTime: file.modifiedTime,
    ...(isShared ? { driveId: store.identity.driveId, teamDriveId: store.identity.driveId } : { ownedByMe: true }),
    ...(!isFolder && content),
    capabilities: {
      canAddChildren: isFolder && canEdit,
      canListChildren: isFolder,
      canDownload: !isFolder,
      canEdit,
      canRename: canEdit,
      canTrash: canEdit,
      canDelete: canEdit,
    },
  };
}
