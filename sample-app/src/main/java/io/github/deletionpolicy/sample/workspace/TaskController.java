package io.github.deletionpolicy.sample.workspace;

import io.github.deletionpolicy.sample.web.Notice;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * Adds and deletes tasks and their attachments.
 */
@Controller
class TaskController {

	private final ProjectRepository projects;

	private final TaskRepository tasks;

	private final AttachmentRepository attachments;

	TaskController(ProjectRepository projects, TaskRepository tasks, AttachmentRepository attachments) {
		this.projects = projects;
		this.tasks = tasks;
		this.attachments = attachments;
	}

	@PostMapping("/projects/{projectId}/tasks")
	@Transactional
	String addTask(@PathVariable long projectId, @RequestParam String title, RedirectAttributes next) {
		Project project = this.projects.findLockedByIdAndDeletionTimeIsNull(projectId)
			.orElseThrow(TaskController::gone);
		Task task = this.tasks.save(new Task(null, project.requiredId(), Names.checked(title), null));
		Notice.done(next, "Added task “%s”.".formatted(task.title()));
		return pageOf(task);
	}

	@PostMapping("/tasks/{id}/delete")
	String deleteTask(@PathVariable long id, RedirectAttributes next) {
		Task task = live(id);
		this.tasks.deleteById(id);
		Notice.deleted(next, "task “%s” with its attachments".formatted(task.title()), "tasks", id);
		return pageOf(task);
	}

	@PostMapping("/tasks/{taskId}/attachments")
	@Transactional
	String addAttachment(@PathVariable long taskId, @RequestParam String fileName, RedirectAttributes next) {
		Task task = this.tasks.findLockedByIdAndDeletionTimeIsNull(taskId).orElseThrow(TaskController::gone);
		Attachment attachment = this.attachments.save(new Attachment(null, taskId, Names.checked(fileName), null));
		Notice.done(next, "Added attachment “%s”.".formatted(attachment.fileName()));
		return pageOf(task);
	}

	@PostMapping("/attachments/{id}/delete")
	String deleteAttachment(@PathVariable long id, RedirectAttributes next) {
		Attachment attachment = this.attachments.findByIdAndDeletionTimeIsNull(id).orElseThrow(TaskController::gone);
		Task task = live(attachment.taskId());
		this.attachments.deleteById(id);
		Notice.deleted(next, "attachment “%s”".formatted(attachment.fileName()), "attachments", id);
		return pageOf(task);
	}

	private Task live(long id) {
		return this.tasks.findByIdAndDeletionTimeIsNull(id).orElseThrow(TaskController::gone);
	}

	private static String pageOf(Task task) {
		return "redirect:/projects/" + task.projectId();
	}

	private static ResponseStatusException gone() {
		return new ResponseStatusException(HttpStatus.NOT_FOUND, "It is not there any more. It may be in the trash.");
	}

}
