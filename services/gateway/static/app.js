// 渐进增强：没有脚本时所有功能照常可用。
(function () {
  'use strict';
  document.documentElement.classList.add('js');
  function focusFirst(root) {
    var el = (root && root.querySelector ? root : document).querySelector('[data-focus]');
    if (el) el.focus();
  }
  document.addEventListener('DOMContentLoaded', function () {
    focusFirst();
    document.querySelectorAll('[data-wait]').forEach(countDown);
    nameDecision();
    warnIdle();
  });
  document.addEventListener('htmx:afterSettle', function (e) { focusFirst(e.target); });
  // 查找超过 400 毫秒时说明正在查找
  document.addEventListener('htmx:beforeRequest', function (e) {
    var target = e.detail.target;
    var line = target && target.querySelector('[role=status]');
    if (!line) return;
    var timer = setTimeout(function () { line.textContent = document.body.dataset.searching; }, 400);
    e.detail.xhr.addEventListener('loadend', function () { clearTimeout(timer); });
  });
  document.addEventListener('click', function (e) {
    if (!e.target.closest) return;
    // 错误汇总：跳到字段时把标签一起滚入视野
    var a = e.target.closest('.errsum a');
    var f = a && document.getElementById(a.hash.slice(1));
    if (f) {
      e.preventDefault();
      (f.closest('.fg') || f).scrollIntoView();
      f.focus({ preventScroll: true });
      return;
    }
    // 换一张验证码，不重新加载页面
    var again = e.target.closest('[data-captcha]');
    var picture = again && document.getElementById(again.dataset.captcha);
    if (picture) {
      e.preventDefault();
      picture.src = picture.src.split('?')[0] + '?again=' + Date.now();
      document.getElementById('captcha_answer').focus();
      return;
    }
    if (e.target.closest('[data-print]')) window.print();
  });
  // 防止重复提交
  document.addEventListener('submit', function (e) {
    var f = e.target;
    var by = e.submitter && e.submitter.value;
    if (f.dataset.sent && f.dataset.by === String(by) && Date.now() - f.dataset.sent < 3000) {
      e.preventDefault();
      return;
    }
    f.dataset.sent = Date.now();
    f.dataset.by = String(by);
    if (f.hasAttribute('data-upload')) upload(e, f);
  });
  document.addEventListener('input', function (e) {
    var t = e.target;
    // 字数提示
    var c = t.dataset && t.dataset.count && document.getElementById(t.dataset.count);
    if (c) c.textContent = document.body.dataset.count.replace('%s', t.value.length).replace('%m', t.maxLength);
  });
  document.addEventListener('change', function (e) {
    if (e.target.name === 'action') nameDecision();
    if (e.target.dataset && e.target.dataset.preview) preview(e.target);
  });
  // 长时间没有操作：退出登录前两分钟提醒，可以继续
  function warnIdle() {
    var box = document.getElementById('idle');
    if (!box) return;
    var show = function () { box.hidden = false; box.querySelector('button').focus(); };
    var timer = setTimeout(show, box.dataset.after * 1000);
    box.querySelector('button').addEventListener('click', function () {
      fetch(box.dataset.url).then(function (answer) {
        if (!answer.ok) { location.reload(); return; }
        box.hidden = true;
        clearTimeout(timer);
        timer = setTimeout(show, box.dataset.after * 1000);
      });
    });
  }
  // 按钮写明所选的决定
  function nameDecision() {
    var chosen = document.querySelector('.decide input[name=action]:checked');
    var button = document.querySelector('[data-decision]');
    if (chosen && button) button.textContent = chosen.dataset.says;
  }
  // 重新发送校验码的等待时间
  function countDown(button) {
    var left = Number(button.dataset.wait);
    var says = button.textContent;
    var timer = setInterval(function () {
      left -= 1;
      button.textContent = left > 0 ? button.dataset.waitText.replace('%s', left) : says;
      button.setAttribute('aria-disabled', left > 0 ? 'true' : 'false');
      if (left <= 0) clearInterval(timer);
    }, 1000);
    button.addEventListener('click', function (e) { if (left > 0) e.preventDefault(); });
  }
  function preview(input) {
    var shown = document.getElementById(input.dataset.preview);
    var file = input.files[0];
    if (!shown) return;
    if (shown.src) URL.revokeObjectURL(shown.src);
    shown.hidden = !file || file.type.indexOf('image/') !== 0;
    if (shown.hidden) shown.removeAttribute('src');
    else shown.src = URL.createObjectURL(file);
  }
  // 上传进度；结果仍是整页
  function upload(e, form) {
    var file = form.querySelector('input[type=file]');
    if (!file.files.length || !window.FormData) return;
    e.preventDefault();
    var bar = document.getElementById('upload-bar');
    var line = document.getElementById('upload-status');
    var request = new XMLHttpRequest();
    request.open('POST', form.action);
    request.upload.addEventListener('progress', function (p) {
      if (!p.lengthComputable) return;
      bar.hidden = false;
      bar.value = Math.round(100 * p.loaded / p.total);
      line.textContent = line.dataset.text.replace('%s', bar.value);
    });
    request.addEventListener('load', function () {
      if (request.status < 400) { location.assign(request.responseURL); return; }
      var page = new DOMParser().parseFromString(request.responseText, 'text/html');
      document.title = page.title;
      document.getElementById('main').replaceWith(document.adoptNode(page.getElementById('main')));
      focusFirst();
    });
    request.addEventListener('error', function () {
      bar.hidden = true;
      delete form.dataset.sent;
      line.textContent = document.body.dataset.offline;
    });
    request.send(new FormData(form));
  }
})();
