package io.github.deletionpolicy.sample.workspace;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import io.github.deletionpolicy.sample.web.Notice;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * The pages of all projects and of one.
 */
@Controller
class ProjectController {

	private final ProjectCards cards;

	private final ProjectRepository projects;

	private final TaskRepository tasks;

	private final AttachmentRepository attachments;

	ProjectController(ProjectCards cards, ProjectRepository projects, TaskRepository tasks,
			AttachmentRepository attachments) {
		this.cards = cards;
		this.projects = projects;
		this.tasks = tasks;
		this.attachments = attachments;
	}

	@GetMapping("/")
	String list(Model model) {
		model.addAttribute("projects", this.cards.all());
		return "projects";
	}

	@GetMapping("/projects/{id}")
	String show(@PathVariable long id, Model model) {
		List<Task> tasksOfProject = this.tasks.findByProjectIdAndDeletionTimeIsNullOrderById(id);
		Map<Long, List<Attachment>> attachmentsByTask = this.attachments
			.findByTaskIdInAndDeletionTimeIsNullOrderById(tasksOfProject.stream().map(Task::id).toList())
			.stream()
			.collect(Collectors.groupingBy(Attachment::taskId));
		model.addAttribute("project", live(id));
		model.addAttribute("tasks", tasksOfProject);
		model.addAttribute("attachments", attachmentsByTask);
		return "project";
	}

	@PostMapping("/projects")
	String add(@RequestParam String name, @RequestParam long ownerId, RedirectAttributes next) {
		Project project = this.projects.save(new Project(null, ownerId, Names.checked(name), false, null));
		Notice.done(next, "Added project “%s”.".formatted(project.name()));
		return "redirect:/projects/" + project.id();
	}

	@PostMapping("/projects/{id}/delete")
	String delete(@PathVariable long id, RedirectAttributes next) {
		Project project = live(id);
		this.projects.deleteById(id);
		Notice.deleted(next, "project “%s” with all that is in it".formatted(project.name()), "projects", id);
		return "redirect:/";
	}

	@PostMapping("/projects/{id}/hold")
	String hold(@PathVariable long id, @RequestParam boolean hold, @RequestParam(defaultValue = "/") String back,
			RedirectAttributes next) {
		Project project = this.projects.findById(id).orElseThrow(ProjectController::gone);
		this.projects.save(project.withLegalHold(hold));
		Notice.done(next, (hold ? "Project “%s” is on hold: nothing removes it for good."
				: "Project “%s” is not on hold any more.")
			.formatted(project.name()));
		return back.equals("trash") ? "redirect:/trash" : "redirect:/projects/" + id;
	}

	private Project live(long id) {
		return this.projects.findByIdAndDeletionTimeIsNull(id).orElseThrow(ProjectController::gone);
	}

	private static ResponseStatusException gone() {
		return new ResponseStatusException(HttpStatus.NOT_FOUND, "There is no such project. It may be in the trash.");
	}

}
