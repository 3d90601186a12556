package io.github.deletionpolicy.sample;

import java.util.UUID;

import io.github.deletionpolicy.sample.web.Notice;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * The page of users and their documents.
 */
@Controller
@RequestMapping("/people")
class PeopleController {

	private final UserDirectory directory;

	PeopleController(UserDirectory directory) {
		this.directory = directory;
	}

	@GetMapping
	String list(Model model) {
		model.addAttribute("people",
				this.directory.users().stream().filter((user) -> user.deletedAt() == null).toList());
		return "people";
	}

	@PostMapping("/{id}/delete")
	String deleteUser(@PathVariable long id, RedirectAttributes next) {
		this.directory.deleteUser(id);
		Notice.deleted(next, "a user and their documents", "users", id);
		return "redirect:/people";
	}

	@PostMapping("/documents/{id}/delete")
	String deleteDocument(@PathVariable UUID id, RedirectAttributes next) {
		this.directory.deleteDocument(id);
		Notice.deleted(next, "a document", "documents", id);
		return "redirect:/people";
	}

}
