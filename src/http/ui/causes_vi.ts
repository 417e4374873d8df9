import type { ErrorCode } from "../../errors.ts";
import type { AttentionKind, Cause } from "./cause.ts";

export const titlesVi: Record<Cause, string> = {
  day_incomplete: "Có ngày chưa đầy đủ",
  days_not_read: "Có những ngày ở giữa chưa được đọc",
  recording_given_up: "Có bản ghi âm không tải lên được",
  recording_stuck: "Có bản ghi âm chờ quá một ngày",
  recording_too_short: "Bản ghi âm ngắn hơn mức phải có",
  recording_not_seen_in_drive: "Không thấy tệp đã liên kết trong Drive",
  recording_altered_in_drive: "Tệp trong Drive đã bị thay đổi",
  recording_twin_in_drive: "Bản ghi âm bị trùng trong Drive",
  no_calls: "Một ngày không có cuộc gọi nào",
  nightly_run_missing: "Lần chạy đêm đã không diễn ra",
  zone_changed: "Múi giờ đã bị thay đổi",
  no_worker: "Không có tiến trình xử lý nào đang chạy",
  alert_undelivered: "Không gửi được cảnh báo",
  pbx_unreachable: "Không kết nối được tổng đài",
  pbx_timeout: "Tổng đài không trả lời kịp",
  pbx_server_error: "Tổng đài báo lỗi",
  pbx_rate_limited: "Tổng đài yêu cầu chậm lại",
  pbx_bad_answer: "Tổng đài trả lời không như mong đợi",
  pbx_key_refused: "Tổng đài từ chối khóa API",
  pbx_tls: "Chứng chỉ của tổng đài không đáng tin cậy",
  pbx_redirected: "Tổng đài chuyển hướng sang địa chỉ khác",
  pbx_dialect_mismatch: "Tổng đài dùng kiểu API khác",
  day_wrong_window: "Tổng đài gửi sai ngày được hỏi",
  day_unstable: "Danh sách của tổng đài liên tục thay đổi",
  day_paging_stuck: "Tổng đài lặp lại cùng một trang",
  day_wrong_zone: "Giờ của tổng đài thuộc múi giờ khác",
  day_refused_records: "Một số cuộc gọi không lưu được",
  recording_not_ready: "Bản ghi âm chưa được ghi xong",
  recording_gone: "Tổng đài không còn bản ghi âm",
  recording_cut_short: "Bản ghi âm bị ngắt giữa chừng",
  recording_not_audio: "Bản ghi âm không phải tệp âm thanh",
  recording_empty: "Bản ghi âm không có âm thanh",
  recording_foreign_address: "Địa chỉ bản ghi âm dẫn sang máy chủ lạ",
  recording_redirected: "Tổng đài chuyển hướng sang máy chủ lạ",
  recording_refused: "Tổng đài từ chối riêng bản ghi âm này",
  recordings_unreachable: "Không kết nối được máy chủ ghi âm",
  recordings_timeout: "Máy chủ ghi âm không trả lời kịp",
  recordings_server_error: "Máy chủ ghi âm báo lỗi",
  recordings_rate_limited: "Máy chủ ghi âm yêu cầu chậm lại",
  recordings_key_refused: "Máy chủ ghi âm từ chối khóa API",
  recordings_tls: "Chứng chỉ máy chủ ghi âm không đáng tin cậy",
  drive_unreachable: "Không kết nối được Google Drive",
  drive_timeout: "Google Drive không trả lời kịp",
  drive_server_error: "Google Drive báo lỗi",
  drive_rate_limited: "Google Drive yêu cầu chậm lại",
  drive_daily_limit: "Đã hết hạn mức trong ngày của Google",
  drive_full: "Google Drive đã đầy",
  drive_forbidden: "Google Drive không cho phép ghi",
  drive_file_forbidden: "Google Drive không cho phép sửa tệp này",
  drive_folder_full: "Thư mục trong Drive đã đầy",
  drive_api_disabled: "Google Drive API đang tắt",
  drive_folder_missing: "Không tìm thấy thư mục trong Drive",
  drive_credentials: "Google từ chối thông tin xác thực",
  drive_bad_answer: "Google Drive trả lời không như mong đợi",
  drive_session_lost: "Một lượt tải lên bị gián đoạn",
  drive_file_lost: "Một tệp đã bị xóa trong Drive",
  drive_file_unseen: "Google Drive chưa hiện một tệp",
  drive_checksum: "Tệp trong Drive khác với bản ghi âm",
  alert_refused: "Địa chỉ nhận cảnh báo từ chối",
};

/** The hints of src/error_codes.ts. */
const itself = "Công việc tự tiếp tục khi có trả lời.";
const key = "Đặt PBX_API_KEY (và PBX_AUTH) đúng với tổng đài, rồi khởi động lại.";
const tls =
  "Đặt PBX_CA_FILE là tệp PEM của đơn vị cấp chứng chỉ cho tổng đài (PBX_TLS_INSECURE=true để bỏ qua kiểm tra).";
const orAccept = "Xem tệp ở đó, rồi thử lại, hoặc chấp nhận thiếu.";

export const codeHintsVi: Record<ErrorCode, string> = {
  pbx_unreachable: `Kiểm tra tổng đài có đang chạy và PBX_API_URL có đúng không. ${itself}`,
  pbx_timeout: `Tổng đài chậm hoặc quá tải; giảm CALLCENTER_BATCH_SIZE có thể giúp. ${itself}`,
  pbx_server_error: `Xem nhật ký của tổng đài. ${itself}`,
  pbx_rate_limited: `Giảm PBX_CONCURRENCY nếu việc này hay xảy ra. ${itself}`,
  pbx_bad_answer: `Mở thử PBX_API_URL: nó có trả lời nhưng không phải danh sách cuộc gọi. ${itself}`,
  pbx_key_refused: key,
  pbx_tls: tls,
  pbx_redirected: "Đặt PBX_API_URL thành địa chỉ mà tổng đài chuyển hướng tới, nếu bạn tin địa chỉ đó.",
  pbx_dialect_mismatch: "Đặt PBX_DIALECT là auto, hoặc đúng kiểu API của tổng đài.",
  day_wrong_window: "Tổng đài bỏ qua ngày được hỏi: đặt PBX_DIALECT đúng kiểu API của tổng đài.",
  day_unstable:
    "Danh sách thay đổi trong lúc đọc; ngày này sẽ được đọc lại. Nếu vẫn vậy, hãy hỏi nhà cung cấp tổng đài.",
  day_paging_stuck: "Tổng đài không chuyển trang: giảm CALLCENTER_BATCH_SIZE, hoặc hỏi nhà cung cấp.",
  day_wrong_zone: "Sai múi giờ? Đặt TIMEZONE theo múi giờ của tổng đài, khởi động lại, rồi lấy lại ngày này.",
  day_refused_records: "Xem các bản ghi bị từ chối: sửa ở tổng đài, hoặc chấp nhận thiếu.",
  recording_not_ready: "Bạn không cần làm gì: tổng đài thường ghi tệp muộn hơn; hệ thống thử trong một ngày.",
  recording_gone: "Tổng đài không còn tệp này. Kiểm tra ở đó, rồi thử lại, hoặc chấp nhận thiếu.",
  recording_cut_short: `Tổng đài gửi ít hơn đã báo. ${orAccept}`,
  recording_not_audio: `Tổng đài gửi thứ không phải WAV hay MP3. ${orAccept}`,
  recording_empty: `Tệp ở tổng đài không có âm thanh. ${orAccept}`,
  recording_foreign_address:
    "Địa chỉ bản ghi âm dẫn sang máy chủ khác PBX_RECORDING_BASE_URL: hệ thống không lấy từ đó. Sửa địa chỉ rồi thử lại, hoặc chấp nhận thiếu.",
  recording_redirected:
    "Tổng đài chuyển hướng sang máy chủ khác PBX_RECORDING_BASE_URL: hệ thống không lấy từ đó. Kiểm tra ở tổng đài rồi thử lại, hoặc chấp nhận thiếu.",
  recording_refused:
    "Tổng đài cho tải các bản ghi âm khác nhưng từ chối bản này. Kiểm tra quyền của tệp ở đó rồi thử lại, hoặc chấp nhận thiếu.",
  recordings_unreachable: `Kiểm tra tổng đài có đang chạy và PBX_RECORDING_BASE_URL có đúng không. ${itself}`,
  recordings_timeout: `Tổng đài chậm hoặc quá tải; giảm UPLOAD_CONCURRENCY có thể giúp. ${itself}`,
  recordings_server_error: `Xem nhật ký của tổng đài. ${itself}`,
  recordings_rate_limited: `Giảm UPLOAD_CONCURRENCY nếu việc này hay xảy ra. ${itself}`,
  recordings_key_refused: key,
  recordings_tls: tls,
  drive_unreachable: `Kiểm tra đường mạng tới Google (tường lửa, proxy). ${itself}`,
  drive_timeout: `Google Drive không trả lời kịp. ${itself}`,
  drive_server_error: `Google Drive đang gặp sự cố. ${itself}`,
  drive_rate_limited: `Google yêu cầu chậm lại; giảm UPLOAD_CONCURRENCY nếu hay xảy ra. ${itself}`,
  drive_daily_limit: "Đã dùng hết 750 GB mỗi ngày của Google. Bạn không cần làm gì: ngày mai tự tiếp tục.",
  drive_full:
    "Dọn chỗ trong Google Drive, hoặc dùng Bộ nhớ dùng chung khác. Tài khoản dịch vụ cần Bộ nhớ dùng chung hoặc GOOGLE_DRIVE_SUBJECT: nó không có dung lượng riêng.",
  drive_forbidden: "Cấp cho tài khoản vai trò 'Người quản lý nội dung' (hoặc 'Người chỉnh sửa') trên thư mục.",
  drive_file_forbidden:
    "Google Drive không cho phép sửa riêng tệp này: mở khóa tệp ở đó, hoặc cấp cho tài khoản vai trò 'Người quản lý nội dung'; rồi thử lại, hoặc chấp nhận thiếu.",
  drive_folder_full:
    "Thư mục đã đạt số tệp tối đa của Google (500.000). Đặt GOOGLE_DRIVE_FOLDER_LAYOUT là {YYYY}/{MM}, hoặc dùng thư mục hay Bộ nhớ dùng chung khác.",
  drive_api_disabled: "Bật Google Drive API trong dự án Google Cloud của thông tin xác thực.",
  drive_folder_missing: "Kiểm tra GOOGLE_DRIVE_FOLDER_ID, và chia sẻ thư mục cho tài khoản.",
  drive_credentials:
    "Đặt GOOGLE_DRIVE_CREDENTIALS_JSON hoặc GOOGLE_DRIVE_CREDENTIALS_PATH đúng, rồi khởi động lại. Ứng dụng OAuth ở chế độ 'Testing' mất mã sau 7 ngày.",
  drive_bad_answer: "Google Drive trả lời không như mong đợi; hệ thống sẽ thử lại.",
  drive_session_lost: "Bạn không cần làm gì: lượt tải lên bắt đầu lại với cùng mã tệp.",
  drive_file_lost: "Bạn không cần làm gì: tệp bị xóa trong Drive sẽ được tải lên lại với mã khác.",
  drive_file_unseen:
    "Bạn không cần làm gì: Google Drive có tệp nhưng chưa hiện ra. Hệ thống tìm trong một ngày, sau đó tải lên lại với mã khác.",
  drive_checksum: "Bạn không cần làm gì: tệp trong Drive sẽ được ghi lại với cùng mã.",
  alert_refused: "Kiểm tra ALERT_WEBHOOK_URL.",
};

export const lookAtLogVi = "Xem nhật ký của dịch vụ.";

/** The hints of the view `callcenter.attention` itself. */
export const kindHintsVi: Partial<Record<AttentionKind, string>> = {
  days_not_read:
    "Hãy lấy những ngày chưa đọc. Ngày nào tổng đài không còn dữ liệu thì chấp nhận, kèm lý do cho từng ngày.",
  recording_too_short:
    "Hãy nghe thử: tệp của tổng đài ngắn hơn mức phải có. Chấp nhận, hoặc thử lại khi tổng đài có đủ.",
  recording_twin_in_drive: "Có nhiều tệp của bản ghi âm này trong Drive: giữ tệp được liên kết, xóa các tệp khác.",
  recording_not_seen_in_drive:
    "Liên kết của hệ thống cũ dẫn đến tệp mà tài khoản này không thấy. Hãy chia sẻ tệp, hoặc tải bản ghi âm lên lại.",
  recording_altered_in_drive:
    "Tệp đã bị xóa hoặc thay đổi trong Drive. Nó được tải lên lại nếu tổng đài còn bản ghi âm; nếu được khôi phục trong Drive, lần kiểm tra sau sẽ liên kết lại.",
  no_calls: "Kiểm tra tổng đài có ghi cuộc gọi không (ổ đĩa, mô-đun CDR), rồi lấy lại ngày này, hoặc chấp nhận.",
  nightly_run_missing:
    "Kiểm tra tiến trình xử lý có chạy không (khi chạy lại nó sẽ làm bù), hoặc lấy ngày này thủ công.",
  zone_changed: "Đặt lại TIMEZONE như cũ, hoặc chấp nhận thông báo này và lấy lại những ngày gần đây.",
  no_worker: "Khởi động dịch vụ, hoặc xem nhật ký của nó.",
  alert_undelivered: "Kiểm tra ALERT_WEBHOOK_URL.",
};
