;;; A mistake typed in Emacs: seen, hovered over, mended by the server's own fix, and the server gone at the end.  -*- lexical-binding: t -*-
;; Environment: FORGE_LS, the server's path; FORGE_FILE, a refs file of a copied forge with a bad ref.
(require 'eglot)
(require 'flymake)
(require 'seq)

(setq eglot-sync-connect 20
      eglot-send-changes-idle-time 0.05
      eglot-confirm-server-initiated-edits nil
      make-backup-files nil
      create-lockfiles nil)

(define-derived-mode forge-yaml-mode fundamental-mode "ForgeYAML")
(add-to-list 'auto-mode-alist '("source-refs\\.yaml\\'" . forge-yaml-mode))
(add-to-list 'eglot-server-programs (list 'forge-yaml-mode (getenv "FORGE_LS") "--stdio"))

(defun until (what happened)
  "Turns the event loop, which batch mode has not, until HAPPENED; fails with WHAT after 20 seconds."
  (let ((end (+ (float-time) 20)) found)
    (while (and (not (setq found (funcall happened))) (< (float-time) end))
      (accept-process-output nil 0.01))
    (or found (error "timed out: %s" what))))

(defun found (code)
  "The diagnostic of that CODE as flymake shows it, or nil."
  (flymake-start)
  (seq-find (lambda (shown) (string-match-p (regexp-quote code) (flymake-diagnostic-text shown)))
            (flymake-diagnostics)))

(defun position-of (text)
  (save-excursion (goto-char (point-min)) (search-forward text) (match-beginning 0)))

(defun send-changes ()
  (eglot--signal-textDocument/didChange))

(find-file (getenv "FORGE_FILE"))
(apply #'eglot--connect (seq-take (eglot--guess-contact) 5))
(flymake-mode 1)
(let* ((server (eglot--current-server-or-lose))
       (process (jsonrpc--process server))
       (mistake (until "the mistake" (lambda () (found "ref-not-string"))))
       (begin (position-of "28.10")))
  ;; The line begins with an emoji, which is one character here and two of the protocol's.
  (cl-assert (= (flymake-diagnostic-beg mistake) begin) t)
  (cl-assert (= (flymake-diagnostic-end mistake) (+ begin 5)) t)

  (goto-char (1+ begin))
  (let* ((hover (jsonrpc-request server :textDocument/hover (eglot--TextDocumentPositionParams)))
         (text (plist-get (plist-get hover :contents) :value)))
    (cl-assert (string-match-p "28\\.10" text) t))

  (let ((action (seq-find (lambda (action) (plist-get action :edit))
                          (eglot-code-actions begin (+ begin 5) nil))))
    (cl-assert action t)
    (eglot--apply-workspace-edit (plist-get action :edit)))
  (cl-assert (position-of "\"28.10\" # 漢") t)
  (send-changes)
  (until "the mistake to go" (lambda () (not (found "ref-not-string"))))

  ;; And a new one, typed behind it.
  (goto-char (point-max))
  (insert "nova: 32.0 # 😀\n")
  (send-changes)
  (let ((next (until "the next mistake" (lambda () (found "ref-not-string")))))
    (cl-assert (= (flymake-diagnostic-beg next) (position-of "32.0")) t))

  (eglot-shutdown server nil 20)
  (until "the end of the server" (lambda () (not (process-live-p process)))))
(set-buffer-modified-p nil)
(kill-emacs 0)
