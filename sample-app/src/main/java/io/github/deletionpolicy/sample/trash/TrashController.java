package io.github.deletionpolicy.sample.trash;

import java.util.List;

import io.github.deletionpolicy.sample.web.Notice;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * The page of the trash.
 */
@Controller
@RequestMapping("/trash")
class TrashController {

	private final Trash trash;

	TrashController(Trash trash) {
		this.trash = trash;
	}

	@GetMapping
	String show(Model model) {
		fill(model, this.trash.items());
		return "trash";
	}

	/**
	 * The list alone, for a page that shows it already.
	 * @param seen the version that the page shows; the answer is empty if it is the same
	 */
	@GetMapping("/list")
	@Nullable String list(@RequestParam int seen, Model model, HttpServletResponse response) {
		List<TrashItem> items = this.trash.items();
		if (items.hashCode() == seen) {
			response.setStatus(HttpStatus.NO_CONTENT.value());
			return null;
		}
		fill(model, items);
		return "trash-update";
	}

	@PostMapping("/{table}/{id}/restore")
	String restore(@PathVariable String table, @PathVariable String id, RedirectAttributes next) {
		boolean restored = this.trash.restore(TrashTable.named(table), id);
		Notice.done(next, restored ? "Restored. It is back where it was, with all that went along."
				: "It was not in the trash any more.");
		return "redirect:/trash";
	}

	@GetMapping("/{table}/{id}/purge")
	String askToPurge(@PathVariable String table, @PathVariable String id, Model model) {
		model.addAttribute("item", this.trash.find(TrashTable.named(table), id).orElseThrow(TrashController::gone));
		return "purge";
	}

	@PostMapping("/{table}/{id}/purge")
	String purge(@PathVariable String table, @PathVariable String id, RedirectAttributes next) {
		boolean goes = this.trash.deleteForGood(TrashTable.named(table), id);
		Notice.done(next, goes ? "It goes for good with the next run of the purge."
				: "It is on hold, or not in the trash any more. Nothing was done.");
		return "redirect:/trash";
	}

	private static void fill(Model model, List<TrashItem> items) {
		model.addAttribute("items", items);
		model.addAttribute("version", items.hashCode());
	}

	private static ResponseStatusException gone() {
		return new ResponseStatusException(HttpStatus.NOT_FOUND, "It is not in the trash any more.");
	}

}
